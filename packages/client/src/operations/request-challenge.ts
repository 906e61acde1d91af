import {
  type ChallengeResponse,
  type ChallengeSubject,
  encodeBase64url,
  formatTryReturn,
  parseChallengeResponse,
  type TryReturn,
  type ZkpAuthError,
} from '@zkp-auth/core';
import { contact, type Context } from './context.js';

/** A challenge, and what became of its proof until now. */
export interface IssuedChallenge extends ChallengeResponse {
  /** When it ends at the server, by this page's `performance.now()`. */
  readonly endsAtMs: number;
  /** What a sending of its proof ended with which the server may have acted on. */
  doubt?: ZkpAuthError;
}

/** Ask the server for a challenge for exactly this use, and to evaluate a blinded PIN on the way. */
export async function requestChallenge(
  context: Context,
  { purpose, userId, credentialId }: ChallengeSubject,
  pin?: { id: Uint8Array | null; blinded: Uint8Array; returns: readonly TryReturn[] },
): Promise<IssuedChallenge> {
  const asked =
    pin === undefined
      ? {}
      : {
          pin: {
            ...(pin.id === null ? {} : { id: encodeBase64url(pin.id) }),
            blinded: encodeBase64url(pin.blinded),
            ...(pin.returns.length === 0 ? {} : { returns: pin.returns.map(formatTryReturn) }),
          },
        };
  const body = { purpose, userId, credentialId, ...asked };
  const sentAtMs = performance.now();
  const challenge = parseChallengeResponse(await contact(context, 'challenge', body));
  return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
}
