import type { Cluster, Redis } from 'ioredis';
import type { LimitStore } from '../limits/limit-store.js';
import type { RedisConnection } from '../redis-connection.js';
import type { ChallengeStore } from '../stores/challenge-store.js';
import { RedisChallengeStore } from './redis-challenge-store.js';
import { RedisLimitStore } from './redis-limit-store.js';

/** The stores of short-lived entries, shared by several processes. */
export interface RedisStores {
  challenges: ChallengeStore;
  limits: LimitStore;
}

/**
 * The stores of short-lived entries, over a connection of ioredis.
 *
 * @throws `TypeError` if the argument is no connection of ioredis.
 */
export function redisStoresOf(connection: RedisConnection, prefix: string): RedisStores {
  if (!isRedis(connection)) {
    throw new TypeError('redis: pass a connection of ioredis, such as "new Redis(url)"');
  }
  return {
    challenges: new RedisChallengeStore(connection, { prefix: `${prefix}challenge:` }),
    limits: new RedisLimitStore(connection, { prefix: `${prefix}limits:` }),
  };
}

function isRedis(connection: RedisConnection | null): connection is Redis | Cluster {
  return typeof connection?.getdelBuffer === 'function';
}
