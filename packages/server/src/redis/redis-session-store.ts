import type { Cluster, Redis } from 'ioredis';
import { sessionTag, tagOfSessionId } from '../sessions/session-id.js';
import { decideSpend } from '../stores/decide-spend.js';
import { freshEpoch } from '../stores/fresh-epoch.js';
import { lastUsedFirst } from '../stores/last-used-first.js';
import type {
  DisplacedSession,
  SessionStore,
  Spending,
  SpendOutcome,
  StoredSession,
} from '../stores/session-store.js';
import {
  createScript,
  endAllScript,
  endOfCredentialScript,
  endScript,
  eraseScript,
  listScript,
  replaceScript,
} from './session-scripts.js';
import { formatSession, parseSession } from './session-text.js';

export interface RedisSessionStoreOptions {
  /** Prefix of every key; default `zkp-auth:sessions:`. */
  prefix?: string;
}

/**
 * How long a mark says that a user was erased, so that a login that was under way meanwhile leaves no session. The
 * key of the mark is a hash of the name.
 */
const erasedMarkMs = 600_000;

/** A session with the exact value and epoch that it was read from. */
interface ReadSession {
  session: StoredSession;
  epoch: string;
  value: string;
}

/**
 * Sessions in Redis 6.2 or newer, shared by any number of processes, on one server, Sentinel or Cluster. One hash has
 * a user's sessions and epoch, and a sorted set has the session ids by last use. Both keys are in one slot, and
 * expire with the last session.
 *
 * Redis is the only record of these sessions, so it has to be durable: `maxmemory-policy noeviction`,
 * `appendonly yes` and `appendfsync always`. With `everysec`, a crash may bring back sessions that ended in the last
 * second. So may a failover to a replica that had not received the ending. Reads from replicas (`scaleReads`) show
 * sessions that have ended.
 *
 * @example
 * ```ts
 * const sessions = new RedisSessionStore(new Redis(url, { enableOfflineQueue: false }));
 * ```
 */
export class RedisSessionStore implements SessionStore {
  readonly #redis: Redis | Cluster;
  readonly #prefix: string;

  constructor(redis: Redis | Cluster, options: RedisSessionStoreOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? 'zkp-auth:sessions:';
  }

  async create(session: StoredSession, maxPerUser?: number): Promise<readonly DisplacedSession[]> {
    const { sessionId, userId, createdAtMs, endsAtMs } = session;
    // The duration between two times of the session's own clock, so that it does not depend on Redis's clock.
    const ttlMs = Math.max(endsAtMs - createdAtMs, 1);
    const keeping = [sessionId, formatSession(session), freshEpoch(), createdAtMs, ttlMs, maxPerUser ?? ''];
    const [added, ...displaced] = (await this.#run(createScript, this.#keyOf(userId), ...keeping)) as [
      unknown,
      ...string[],
    ];
    if (!isOne(added)) throw new Error('this sessionId exists already');
    return pairsOf(displaced).map(([sessionId, credentialId]) => ({ sessionId, credentialId }));
  }

  async find(sessionId: string): Promise<StoredSession | null> {
    return (await this.#read(sessionId))?.session ?? null;
  }

  async spend(sessionId: string, spending: Spending): Promise<SpendOutcome> {
    for (;;) {
      const read = await this.#read(sessionId);
      if (read === null) return { kind: 'gone' };
      const outcome = decideSpend(read.session, spending);
      if (outcome.kind !== 'spent' || (await this.#replace(read, outcome.session))) return outcome;
    }
  }

  async moveTo(sessionId: string, credentialId: string): Promise<boolean> {
    for (;;) {
      const read = await this.#read(sessionId);
      if (read === null) return false;
      if (await this.#replace(read, { ...read.session, credentialId })) return true;
    }
  }

  async end(sessionId: string): Promise<boolean> {
    const key = this.#keyOfSession(sessionId);
    return key !== null && isOne(await this.#run(endScript, key, sessionId));
  }

  async endOfCredential(userId: string, credentialId: string): Promise<string[]> {
    const key = this.#keyOf(userId);
    return (await this.#run(endOfCredentialScript, key, credentialId)) as string[];
  }

  async endAll(userId: string, exceptSessionId?: string): Promise<void> {
    await this.#run(endAllScript, this.#keyOf(userId), exceptSessionId ?? '');
  }

  async list(userId: string): Promise<StoredSession[]> {
    const [epoch, ...values] = (await this.#run(listScript, this.#keyOf(userId))) as string[];
    const sessions = pairsOf(values).map(([id, value]) => parseSession(id, value, epoch));
    return lastUsedFirst(sessions.filter((session) => session !== null));
  }

  /**
   * Redis does this by itself. An expired session is deleted when its user next signs in, or when the user's keys
   * expire.
   */
  async forgetExpired(): Promise<number> {
    return 0;
  }

  /** Redis frees the memory of many sessions in the background. */
  async erase(userId: string): Promise<boolean> {
    await this.#run(eraseScript, this.#keyOf(userId), erasedMarkMs);
    return false;
  }

  async #read(sessionId: string): Promise<ReadSession | null> {
    const key = this.#keyOfSession(sessionId);
    if (key === null) return null;
    const [epoch = null, value = null] = await this.#redis.hmget(key, 'epoch', sessionId);
    if (epoch === null || value === null) return null;
    const session = parseSession(sessionId, value, epoch);
    return session === null ? null : { session, epoch, value };
  }

  /** Replace the session that was read, if neither it nor the epoch has changed since. */
  async #replace({ session, epoch, value }: ReadSession, next: StoredSession): Promise<boolean> {
    const { sessionId, userId } = session;
    const change = [sessionId, epoch, value, `${epoch} ${formatSession(next)}`];
    return isOne(await this.#run(replaceScript, this.#keyOf(userId), ...change));
  }

  #run(script: string, key: string, ...values: (string | number)[]): Promise<unknown> {
    return this.#redis.eval(script, 2, key, `${key}:used`, ...values);
  }

  #keyOf(userId: string): string {
    return `${this.#prefix}{${sessionTag(userId)}}`;
  }

  #keyOfSession(sessionId: string): string | null {
    const tag = tagOfSessionId(sessionId);
    return tag === null ? null : `${this.#prefix}{${tag}}`;
  }
}

/** The pairs in a flat list of first, second, first, second. */
function pairsOf(list: readonly string[]): [string, string][] {
  return list.flatMap((first, n) => (n % 2 === 0 ? [[first, list[n + 1] as string]] : []));
}

/** Whether a script answered 1. With the option `stringNumbers`, ioredis gives text. */
function isOne(answer: unknown): boolean {
  return Number(answer) === 1;
}
