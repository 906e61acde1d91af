/** The code of what a call of the file system rejected with, such as `ENOENT`; '' for any other error. */
export function systemErrorCode(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

const readOnly: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Whether a write failed because this process may not write there, now or later. */
export function isReadOnlyError(error: unknown): boolean {
  return readOnly.has(systemErrorCode(error));
}
