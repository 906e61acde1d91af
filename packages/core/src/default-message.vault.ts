import type { ErrorCode } from './error-codes.js';

/** In the vault worker: its page has the sentences, so they need not be downloaded twice. */
export function defaultMessage(code: ErrorCode): string {
  return code;
}

/** The vault worker needs none. */
export function provideMessages(_messages: Partial<Record<ErrorCode, string>>): void {}
