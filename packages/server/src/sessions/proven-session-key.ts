import { constantTimeEqual, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { rejectDpop } from './reject-dpop.js';
import { type ProvenRequest, verifyDpop } from './verify-dpop.js';

/**
 * The key that a new session will be bound to, once the request has proven it, or `null` for a session without one.
 * Apart from the event of a refusal, nothing here depends on the user.
 *
 * @returns its RFC 7638 thumbprint, 32 bytes in base64url.
 * @throws {@link ZkpAuthError} `SESSION_KEY_REQUIRED`, `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`.
 */
export async function provenSessionKey(
  engine: Engine,
  sessionKey: Uint8Array | undefined,
  request: ProvenRequest,
): Promise<string | null> {
  if (sessionKey === undefined) {
    if (engine.sessionPolicy.unbound === 'refuse') throw new ZkpAuthError('SESSION_KEY_REQUIRED');
    return null;
  }
  const thumbprint = await verifyDpop(engine, request);
  if (!constantTimeEqual(sessionKey, Buffer.from(thumbprint, 'base64url'))) {
    throw rejectDpop(engine, request, { reason: 'key' });
  }
  return thumbprint;
}
