/**
 * Where challenges wait for their proof.
 *
 * Concurrency contract: of any number of callers of `consumeIfLive(id)`, in any number of processes, exactly
 * one gets the bytes. A store that loses entries early costs a retry, never safety; one that gives an entry
 * twice breaks the protocol. `testChallengeStore` of `@zkp-auth/server/testing` checks an implementation.
 */
export interface ChallengeStore {
  /**
   * Keep `challenge` under `id` for `ttlMs` milliseconds. The bytes are opaque, at most a few hundred. An entry
   * of the same id is replaced.
   */
  set(id: string, challenge: Uint8Array, ttlMs: number): Promise<void>;
  /** Take the bytes out, or give `null` where there are none, they were taken already, or they have expired. */
  consumeIfLive(id: string): Promise<Uint8Array | null>;
}

export type { ChallengeStore as IChallengeStore };
