import type { KeyObject } from 'node:crypto';

/**
 * The server's memory of used challenges, so that each proof counts only once. The store does not keep the challenges
 * themselves. The server derives each again when its proof arrives.
 *
 * Concurrency contract: if any number of callers in any number of processes call `consumeIfLive(id)`, exactly one
 * gets the bytes. A store that loses entries early costs a retry, never safety. A store that gives an entry twice
 * breaks the protocol. `testChallengeStore` of `@zkp-auth/server/testing` checks an implementation.
 */
export interface ChallengeStore {
  /**
   * Keep `challenge` under `id` for `ttlMs` milliseconds. The bytes are opaque, at most a few hundred. An entry of
   * the same id is replaced.
   */
  set(id: string, challenge: Uint8Array, ttlMs: number): Promise<void>;
  /** Take the bytes out. Gives `null` if there are none, they were taken already, or they have expired. */
  consumeIfLive(id: string): Promise<Uint8Array | null>;
  /**
   * Optional. With marks, a challenge takes no space before a valid proof arrives, so that a flood of requests for
   * challenges fills nothing. A store that wraps another store passes that store's marks on.
   */
  readonly marks?: ChallengeMarks;
}

/**
 * Marks of used challenges.
 *
 * Concurrency contract: if any number of callers in any number of processes call `markUsed(id)`, at most one gets
 * `true`.
 */
export interface ChallengeMarks {
  /**
   * Secret key of 32 bytes, under which challenges are issued. A store has one if key and marks can only be lost
   * together, for example if both are in the memory of one process. The server then never calls `set`.
   *
   * A store has no such key if a failover or a restart can lose its marks alone, because a used challenge would be
   * live again. Such a store marks only the challenges of registrations, whose proofs create nothing a second time.
   */
  issuingKey?(): KeyObject;
  /** The clock by which challenges expire, in milliseconds since 1970. */
  now(): number;
  /**
   * Mark a challenge as used until it expires. The server calls it only for challenges with a valid proof.
   *
   * @returns `true` if this call marked it; `false` if it was marked before, has expired, or may have been marked
   * before.
   */
  markUsed(id: string, expiresAtMs: number): Promise<boolean>;
}

export type { ChallengeStore as IChallengeStore };
