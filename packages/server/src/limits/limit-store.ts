import type { Limit } from './default-limits.js';

/** Counts the uses of limits. `testLimitStore` of `@zkp-auth/server/testing` checks the contract. */
export interface LimitStore {
  /** Make the counter of a limit. It is called once for each limit, at start. */
  open(name: string, limit: Limit): LimitCounter;
}

/** The counter of one limit. */
export interface LimitCounter {
  /**
   * Count one more use of a key, in one atomic step. The key's first use begins a window, and no later use makes it
   * longer, refused or not.
   *
   * @param key any text of at most 256 characters.
   * @returns 0 if the use is among the first `max` of its window, else how many milliseconds of the window remain, at
   * least 1.
   */
  take(key: string): Promise<number>;
  /**
   * Take one use of a key back, in one atomic step, within the window that `take` began. Limits that count only
   * failures need it. Without it, the process counts them in its memory.
   */
  giveBack?(key: string): Promise<void>;
  /** Forget a key, because its user was deleted; default the key stays until its window ends. */
  forget?(key: string): Promise<void>;
}
