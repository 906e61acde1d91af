/**
 * Load a module whose packages an application installs only if it uses them.
 *
 * @throws `TypeError` that names the packages to install, if one is missing.
 */
export async function loadOptional<Module>(load: () => Promise<Module>, packages: string): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { code?: unknown } | null)?.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new TypeError(`A folder needs packages that are not installed. Run: npm install ${packages}`, {
      cause,
    });
  }
}
