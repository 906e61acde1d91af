/** The code of a file system error, such as `ENOENT`; '' for any other error. */
export function systemErrorCode(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

const readOnly: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Whether a write failed because this process may only read there. */
export function isReadOnlyError(error: unknown): boolean {
  return readOnly.has(systemErrorCode(error));
}
