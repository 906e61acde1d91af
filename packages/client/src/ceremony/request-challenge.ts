import type { ChallengeRequest } from '@zkp-auth/core';
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { contact, type Context } from './context.js';

/** Ask the server for a challenge for exactly this use, and to evaluate a blinded PIN on the way. */
export async function requestChallenge(
  context: Context,
  request: ChallengeRequest,
): Promise<IssuedChallenge> {
  const sentAtMs = performance.now();
  const challenge = await contact(context, 'challenge', { request });
  return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
}
