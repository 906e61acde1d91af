import type { ErrorCode } from './error-codes.js';

/** For the vault worker. Its page has the sentences, so the browser need not download them twice. */
export function defaultMessage(code: ErrorCode): string {
  return code;
}

/** The vault worker needs none. */
export function provideMessages(_messages: Partial<Record<ErrorCode, string>>): void {}
