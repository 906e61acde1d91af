import { isErrorCode } from './error-codes.js';
import type { AnyZkpAuthError } from './error-of.js';

/** Whether `value` is an error of this SDK, from any copy of it. A look at its `code` says which members it has. */
export function isZkpAuthError(value: unknown): value is AnyZkpAuthError {
  return (
    value instanceof Error && value.name === 'ZkpAuthError' && isErrorCode((value as AnyZkpAuthError).code)
  );
}
