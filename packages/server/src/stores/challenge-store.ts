import type { KeyObject } from 'node:crypto';

/**
 * What the server remembers of challenges, so that each proof counts once. The challenges themselves are not in it: the
 * server derives each again when its proof arrives.
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
  /**
   * Optional. With marks, a challenge takes no place before a valid proof arrives, so that a flood of requests for
   * challenges fills nothing. A store that wraps another one passes the marks of that one on.
   */
  readonly marks?: ChallengeMarks;
}

/**
 * Marks of the challenges that were used.
 *
 * Concurrency contract: of any number of callers of `markUsed(id)`, in any number of processes, at most one gets `true`.
 */
export interface ChallengeMarks {
  /**
   * Secret key of 32 bytes that challenges are issued under, for marks that can be lost neither before nor without it:
   * both in one process's memory, for example. Then `set` is never called.
   *
   * A store whose marks can be lost alone, by a failover or a restart, has no such key: a challenge that was used would
   * be live again. It marks the challenges of registrations only, whose proofs create nothing a second time.
   */
  issuingKey?(): KeyObject;
  /** The clock that challenges expire by, in milliseconds since 1970. */
  now(): number;
  /**
   * Mark a challenge as used until it expires. Only the ids of challenges with a valid proof come here.
   *
   * @returns whether this call did; `false` if it was marked before, has expired, or may have been marked before.
   */
  markUsed(id: string, expiresAtMs: number): Promise<boolean>;
}

export type { ChallengeStore as IChallengeStore };
