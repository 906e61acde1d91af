import type { ChallengeResponse, ZkpAuthError } from '@zkp-auth/core';

/** A challenge, and the state of its proof. */
export interface IssuedChallenge extends ChallengeResponse {
  /** The time at which it expires at the server, by this page's `performance.now()`. */
  readonly endsAtMs: number;
  /** The error of a sending of its proof after which the server may have acted. */
  doubt?: ZkpAuthError;
}
