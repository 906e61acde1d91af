import type { Cluster, Redis } from 'ioredis';
import { attemptsLeftOf, decideTry } from '../stores/try-policy.js';
import type {
  Enrolment,
  NewPin,
  Pin,
  PinStore,
  PinTry,
  TryOutcome,
  UnlockOutcome,
} from '../stores/pin-store.js';

export interface RedisPinStoreOptions {
  /** Prefix of every key; default `zkp-auth:pin-tries:`. */
  prefix?: string;
  /** How long Redis holds a pin's tries before it asks the record again, in milliseconds; default 60 000. */
  ttlMs?: number;
}

/** Take one of the tries that remain. If Redis does not hold their number, begin with the given one. */
const takeScript = `
local left = redis.call('GET', KEYS[1])
if not left then
  if not ARGV[1] then return 'missing' end
  left = ARGV[1]
  redis.call('SET', KEYS[1], left, 'PX', ARGV[2])
end
if tonumber(left) <= 0 then return 'empty' end
redis.call('DECR', KEYS[1])
return 'taken'`;

const putBackScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('INCR', KEYS[1]) end`;

/** The wait in the answer if tries in flight have used up all that are left. */
const inFlightWaitMs = 1_000;

/**
 * A gate of Redis 6.2 or newer before another {@link PinStore}, the record. A race or a flood ends at the gate,
 * before it contends for a row. The record keeps the count and always decides. Redis only tells which tries need not
 * ask it. If Redis forgets a count, the gate reads it from the record again. If Redis fails, the record works without
 * it. No failure of Redis gives an additional try.
 *
 * @example
 * ```ts
 * const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
 * const store = new RedisPinStore(redis, new SqlPinStore(db));
 * ```
 */
export class RedisPinStore implements PinStore {
  readonly #redis: Redis | Cluster;
  readonly #record: PinStore;
  readonly #prefix: string;
  readonly #ttlMs: number;

  constructor(redis: Redis | Cluster, record: PinStore, options: RedisPinStoreOptions = {}) {
    this.#redis = redis;
    this.#record = record;
    this.#prefix = options.prefix ?? 'zkp-auth:pin-tries:';
    this.#ttlMs = options.ttlMs ?? 60_000;
    if (!Number.isSafeInteger(this.#ttlMs) || this.#ttlMs < 1) {
      throw new TypeError('ttlMs must be a positive integer');
    }
  }

  get record(): PinStore {
    return this.#record;
  }

  async takeTry(pinHash: string, asked: PinTry, nowMs: number): Promise<TryOutcome> {
    let gate = await this.#take(pinHash);
    if (gate === 'missing') {
      const pin = await this.#record.find(pinHash);
      // Unknown, retired and locked pins take the same work. Redis keeps nothing for a pin without tries.
      if (pin === null || pin.retiredAtMs !== null || attemptsLeftOf(pin) === 0)
        return this.#decide(pin, asked, nowMs);
      gate = await this.#take(pinHash, attemptsLeftOf(pin));
    }
    if (gate !== 'empty') return this.#count(pinHash, asked, nowMs);
    return this.#decide(await this.#record.find(pinHash), asked, nowMs);
  }

  async enrol(pin: NewPin, enrolment: Enrolment = {}): Promise<'enrolled' | 'full' | 'gone'> {
    const { replaced } = enrolment;
    const outcome = await this.#record.enrol(pin, enrolment);
    await this.#forget(replaced === undefined ? [pin.pinHash] : [pin.pinHash, replaced]);
    return outcome;
  }

  async withdraw(pinHash: string): Promise<void> {
    await this.#record.withdraw(pinHash);
    await this.#forget([pinHash]);
  }

  async giveBackTry(pinHash: string, credentialId: string, questionHash: string): Promise<boolean> {
    const given = await this.#record.giveBackTry(pinHash, credentialId, questionHash);
    if (given) await this.#putBack(pinHash);
    return given;
  }

  async giveBackTryOf(credentialId: string, challengeHash: string): Promise<Pin | null> {
    const pin = await this.#record.giveBackTryOf(credentialId, challengeHash);
    if (pin !== null) await this.#putBack(pin.pinHash);
    return pin;
  }

  async grantTries(credentialId: string, count: number, pinHash?: string): Promise<number> {
    const unlocked = await this.#record.grantTries(credentialId, count, pinHash);
    await this.#forget(await this.#liveOf(credentialId));
    return unlocked;
  }

  async unlock(owner: { userId: string; credentialId: string }, nowMs: number): Promise<UnlockOutcome> {
    const outcome = await this.#record.unlock(owner, nowMs);
    if (outcome.kind !== 'unknown') await this.#forget([outcome.pin.pinHash]);
    return outcome;
  }

  async retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean> {
    const retired = await this.#record.retire(pinHash, credentialId, atMs);
    await this.#forget([pinHash]);
    return retired;
  }

  async retireAllOf(credentialId: string, atMs: number): Promise<void> {
    const live = await this.#liveOf(credentialId);
    await this.#record.retireAllOf(credentialId, atMs);
    await this.#forget(live);
  }

  async freezeAllOf(credentialId: string, atMs: number): Promise<void> {
    const live = await this.#liveOf(credentialId);
    await this.#record.freezeAllOf(credentialId, atMs);
    await this.#forget(live);
  }

  find(pinHash: string): Promise<Pin | null> {
    return this.#record.find(pinHash);
  }

  listOf(credentialId: string): Promise<Pin[]> {
    return this.#record.listOf(credentialId);
  }

  newestOf(credentialIds: readonly string[]): Promise<Pin[]> {
    return this.#record.newestOf(credentialIds);
  }

  secretIds(): Promise<string[]> {
    return this.#record.secretIds();
  }

  forgetRetired(beforeMs: number): Promise<number> {
    return this.#record.forgetRetired(beforeMs);
  }

  async erase(userId: string): Promise<string[]> {
    const erased = await this.#record.erase(userId);
    await this.#forget(erased);
    return erased;
  }

  /** The gate let the try through, so the record counts it. */
  async #count(pinHash: string, asked: PinTry, nowMs: number): Promise<TryOutcome> {
    let outcome: TryOutcome | undefined;
    try {
      outcome = await this.#record.takeTry(pinHash, asked, nowMs);
      return outcome;
    } finally {
      if (outcome?.kind === 'wait' || outcome?.kind === 'repeated') await this.#putBack(pinHash);
      else if (outcome?.kind !== 'counted') await this.#forget([pinHash]);
    }
  }

  /** The gate stopped the try. The record's pin gives the reason. */
  async #decide(pin: Pin | null, asked: PinTry, nowMs: number): Promise<TryOutcome> {
    if (pin === null) return { kind: 'unknown' };
    const { pinHash } = pin;
    const outcome = decideTry(pin, asked, nowMs);
    // A repeated question takes no try away from the ones in flight.
    if (outcome.kind === 'repeated') return this.#record.takeTry(pinHash, asked, nowMs);
    if (outcome.kind !== 'counted') return outcome;
    // The record has tries that Redis does not have. They are in flight, or they never reached the record.
    await this.#forget([pinHash]);
    return { kind: 'wait', pin, retryAfterMs: inFlightWaitMs };
  }

  async #take(pinHash: string, left?: number): Promise<'taken' | 'empty' | 'missing' | 'failed'> {
    const fill = left === undefined ? [] : [left, this.#ttlMs];
    const answer = this.#redis.eval(takeScript, 1, this.#prefix + pinHash, ...fill);
    return answer.catch(() => 'failed') as Promise<'taken' | 'empty' | 'missing' | 'failed'>;
  }

  async #putBack(pinHash: string): Promise<void> {
    await this.#redis.eval(putBackScript, 1, this.#prefix + pinHash).catch(() => undefined);
  }

  async #liveOf(credentialId: string): Promise<string[]> {
    const pins = await this.#record.listOf(credentialId);
    return pins.filter(({ retiredAtMs }) => retiredAtMs === null).map(({ pinHash }) => pinHash);
  }

  /** Each key by itself, because the keys of a cluster may be on different nodes. */
  async #forget(pinHashes: readonly string[]): Promise<void> {
    const keys = pinHashes.map((pinHash) => this.#prefix + pinHash);
    await Promise.all(keys.map((key) => this.#redis.del(key).catch(() => undefined)));
  }
}
