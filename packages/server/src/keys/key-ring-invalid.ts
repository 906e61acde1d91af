import { ZkpAuthError } from '@zkp-auth/core';

/** @param reason a clause that names no secret. */
export function keyRingInvalid(reason: string, cause?: unknown): ZkpAuthError {
  const message = `The ring of signing keys cannot be used: ${reason}.`;
  return new ZkpAuthError('KEY_RING_INVALID', message, cause === undefined ? {} : { cause });
}
