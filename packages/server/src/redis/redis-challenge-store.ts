import type { Cluster, Redis } from 'ioredis';
import type { ChallengeMarks, ChallengeStore } from '../stores/challenge-store.js';

export interface RedisChallengeStoreOptions {
  /** Prefix of every key; default `zkp-auth:challenge:`. */
  prefix?: string;
}

/**
 * Challenges in Redis 6.2 or newer, shared by any number of processes. Each call is one round trip on one key.
 * `GETDEL` makes consumption atomic, and Redis expires the keys. The challenge of a registration takes a key only
 * when its valid proof arrives.
 *
 * @example
 * ```ts
 * const challenges = new RedisChallengeStore(new Redis(url, { enableOfflineQueue: false }));
 * ```
 */
export class RedisChallengeStore implements ChallengeStore {
  /** They have no issuing key of their own, because a failover can lose a mark. */
  readonly marks: ChallengeMarks;
  readonly #redis: Redis | Cluster;
  readonly #prefix: string;

  constructor(redis: Redis | Cluster, options: RedisChallengeStoreOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? 'zkp-auth:challenge:';
    this.marks = { now: Date.now, markUsed: (id, expiresAtMs) => this.#markUsed(id, expiresAtMs) };
  }

  async set(id: string, challenge: Uint8Array, ttlMs: number): Promise<void> {
    await this.#redis.set(this.#prefix + id, Buffer.from(challenge), 'PX', ttlMs);
  }

  async consumeIfLive(id: string): Promise<Uint8Array | null> {
    return this.#redis.getdelBuffer(this.#prefix + id);
  }

  async #markUsed(id: string, expiresAtMs: number): Promise<boolean> {
    const ttlMs = Math.ceil(expiresAtMs - Date.now());
    if (ttlMs < 1) return false;
    return (await this.#redis.set(`${this.#prefix}used:${id}`, '1', 'PX', ttlMs, 'NX')) === 'OK';
  }
}
