import { RateLimiterMemory } from 'rate-limiter-flexible';
import { checkedInteger } from '../checked-integer.js';
import { consume, giveBack } from './consume.js';
import type { Limit } from './default-limits.js';
import type { LimitCounter, LimitStore } from './limit-store.js';

export interface InMemoryLimitStoreOptions {
  /** The most keys that each limit holds at once; default 50 000, about 25 MB. */
  maxKeys?: number;
}

/**
 * Counts in this process's memory, with a bound. The limiter of rate-limiter-flexible keeps each key until its window
 * ends, so that a flood of keys would grow it without bound. If the store is full, it forgets the key with the oldest
 * window. Keys that have used up their limit are forgotten only if there are no others.
 */
export class InMemoryLimitStore implements LimitStore {
  readonly #maxKeys: number;

  constructor(options: InMemoryLimitStoreOptions = {}) {
    this.#maxKeys = checkedInteger('maxKeys', options.maxKeys ?? 50_000, 1);
  }

  open(_name: string, { max, perMs }: Limit): LimitCounter {
    return new InMemoryLimitCounter(
      new RateLimiterMemory({ points: max, duration: perMs / 1000 }),
      this.#maxKeys,
    );
  }
}

/** Keys and the ends of their windows, oldest first. */
type Windows = Map<string, number>;

class InMemoryLimitCounter implements LimitCounter {
  readonly #limiter: RateLimiterMemory;
  readonly #maxKeys: number;
  readonly #open: Windows = new Map();
  readonly #usedUp: Windows = new Map();

  constructor(limiter: RateLimiterMemory, maxKeys: number) {
    this.#limiter = limiter;
    this.#maxKeys = maxKeys;
  }

  async take(key: string): Promise<number> {
    const { isAllowed, isFirst, remainingMs } = await consume(this.#limiter, key);
    const nowMs = Date.now();
    if (isFirst) {
      this.#usedUp.delete(key);
      this.#open.delete(key);
      this.#open.set(key, nowMs + remainingMs);
    }
    if (!isAllowed && this.#open.delete(key)) this.#usedUp.set(key, nowMs + remainingMs);
    dropEnded(this.#open, nowMs);
    dropEnded(this.#usedUp, nowMs);
    while (this.#open.size + this.#usedUp.size > this.#maxKeys) await this.#forgetOldest();
    return isAllowed ? 0 : remainingMs;
  }

  giveBack(key: string): Promise<void> {
    return giveBack(this.#limiter, key);
  }

  async forget(key: string): Promise<void> {
    this.#open.delete(key);
    this.#usedUp.delete(key);
    await this.#limiter.delete(key);
  }

  async #forgetOldest(): Promise<void> {
    const windows = this.#open.size > 0 ? this.#open : this.#usedUp;
    const [oldest] = windows.keys();
    if (oldest === undefined) return;
    windows.delete(oldest);
    await this.#limiter.delete(oldest);
  }
}

/** The limiter itself forgets these keys without help. */
function dropEnded(windows: Windows, nowMs: number): void {
  for (const [key, endsAtMs] of windows) {
    if (endsAtMs > nowMs) return;
    windows.delete(key);
  }
}
