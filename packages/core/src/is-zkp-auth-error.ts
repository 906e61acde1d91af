import { isErrorCode } from './error-codes.js';
import type { ZkpAuthError } from './zkp-auth-error.js';

/** Whether `value` is an error of this SDK, from any copy of it. */
export function isZkpAuthError(value: unknown): value is ZkpAuthError {
  return value instanceof Error && value.name === 'ZkpAuthError' && isErrorCode((value as ZkpAuthError).code);
}
