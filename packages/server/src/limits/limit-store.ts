import type { Limit } from './default-limits.js';

/** Where the uses of limits are counted. `testLimitStore` of `@zkp-auth/server/testing` checks the contract. */
export interface LimitStore {
  /** Make the counter of a limit. It is called once for each limit, at start. */
  open(name: string, limit: Limit): LimitCounter;
}

/** The counter of one limit. */
export interface LimitCounter {
  /**
   * Count one more use of a key, in one atomic step. The key's first use begins a window, and no later use, refused or
   * not, makes it longer.
   *
   * @param key any text of at most 256 characters.
   * @returns 0 if the use is among the first `max` of its window, else how many milliseconds remain of it, at least 1.
   */
  take(key: string): Promise<number>;
}
