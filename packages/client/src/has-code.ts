import { type ErrorCode, type ErrorOf, isZkpAuthError } from '@zkp-auth/core';

/** Whether an error is a `ZkpAuthError` with one of these codes. */
export function hasCode<Code extends ErrorCode>(error: unknown, ...codes: Code[]): error is ErrorOf<Code> {
  return isZkpAuthError(error) && codes.some((code) => code === error.code);
}
