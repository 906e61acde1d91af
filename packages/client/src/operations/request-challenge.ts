import type { ChallengeRequest, ChallengeResponse, ZkpAuthError } from '@zkp-auth/core';
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
  request: ChallengeRequest,
): Promise<IssuedChallenge> {
  const sentAtMs = performance.now();
  const challenge = await contact(context, 'challenge', { request });
  return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
}
