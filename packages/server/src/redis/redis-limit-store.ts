import type { Cluster, Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { consume, giveBack } from '../limits/consume.js';
import type { Limit } from '../limits/default-limits.js';
import type { LimitCounter, LimitStore } from '../limits/limit-store.js';

export interface RedisLimitStoreOptions {
  /** Prefix of every key; default `zkp-auth:limits:`. */
  prefix?: string;
}

/**
 * Counts of limits in Redis 6.2 or newer, shared by any number of processes. Each use is one round trip on one key,
 * and a script makes it atomic. The key expires with its window. It contains a hash of the address, the user id or
 * the credential id.
 *
 * @example
 * ```ts
 * const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
 * createZkpAuth({ ...options, limits: { store: new RedisLimitStore(redis) } });
 * ```
 */
export class RedisLimitStore implements LimitStore {
  readonly #redis: Redis | Cluster;
  readonly #prefix: string;

  constructor(redis: Redis | Cluster, options: RedisLimitStoreOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? 'zkp-auth:limits:';
  }

  open(name: string, { max, perMs }: Limit): LimitCounter {
    const limiter = new RateLimiterRedis({
      storeClient: this.#redis,
      // The library appends a colon to it.
      keyPrefix: this.#prefix + name,
      points: max,
      duration: perMs / 1000,
    });
    return {
      async take(key) {
        const { isAllowed, remainingMs } = await consume(limiter, key);
        return isAllowed ? 0 : remainingMs;
      },
      giveBack: (key) => giveBack(limiter, key),
      async forget(key) {
        await limiter.delete(key);
      },
    };
  }
}
