import type { ChallengeResponse, ZkpAuthError } from '@zkp-auth/core';

/** A challenge, and what became of its proof until now. */
export interface IssuedChallenge extends ChallengeResponse {
  /** When it ends at the server, by this page's `performance.now()`. */
  readonly endsAtMs: number;
  /** What a sending of its proof ended with which the server may have acted on. */
  doubt?: ZkpAuthError;
}
