import { type ChallengeResponse, parseChallengeResponse, type Purpose } from '@zkp-auth/core';
import { contact, type Context } from './context.js';

/** Ask the server for a challenge for exactly this use. */
export async function requestChallenge(
  context: Context,
  subject: { purpose: Purpose; userId: string; credentialId: string },
): Promise<ChallengeResponse> {
  const { purpose, userId, credentialId } = subject;
  return parseChallengeResponse(await contact(context, 'challenge', { purpose, userId, credentialId }));
}
