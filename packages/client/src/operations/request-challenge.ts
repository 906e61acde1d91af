import {
  type ChallengeResponse,
  type ChallengeSubject,
  encodeBase64url,
  formatTryReturn,
  parseChallengeResponse,
  type TryReturn,
} from '@zkp-auth/core';
import { contact, type Context } from './context.js';

/** Ask the server for a challenge for exactly this use, and to evaluate a blinded PIN on the way. */
export async function requestChallenge(
  context: Context,
  { purpose, userId, credentialId }: ChallengeSubject,
  pin?: { id: Uint8Array | null; blinded: Uint8Array; returns: readonly TryReturn[] },
): Promise<ChallengeResponse> {
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
  return parseChallengeResponse(await contact(context, 'challenge', body));
}
