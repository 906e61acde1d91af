import { type ErrorCode, isZkpAuthError, type ZkpAuthError } from '@zkp-auth/core';

/** Whether an error is a `ZkpAuthError` with one of these codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is ZkpAuthError {
  return isZkpAuthError(error) && codes.includes(error.code);
}
