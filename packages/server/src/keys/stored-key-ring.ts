import { ZkpAuthError } from '@zkp-auth/core';
import type { JWK } from 'jose';
import { storeCall } from '../stores/store-call.js';
import type { KeyRingSettings } from './key-ring-options.js';
import type { KeyRing, SessionSecret, SigningKey } from './key-ring.js';
import { generateNextKey, maintainRing } from './maintain-ring.js';
import { RingClock } from './ring-clock.js';
import type { RingContent } from './ring-content.js';
import type { RingRecord } from './ring-record.js';
import { keptFor, rotateRing, withoutExpired } from './rotate-ring.js';
import { publicJwkOf } from './stored-key.js';

/**
 * Anybody can send a token that names an unknown key, so the ring is read no more often than this for such tokens.
 */
const searchEveryMs = 5_000;
/** The longest delay that a Node.js timer accepts. It treats a longer one as 1 ms. */
const longestTimerMs = 2_147_483_647;

/** The parts of a ring that stay in memory between readings. It cannot be written back. */
interface Copy {
  active: SigningKey;
  accepted: ReadonlyMap<string, SigningKey>;
  publicJwks: readonly JWK[];
  sessionSecrets: readonly SessionSecret[];
  keepMs: number;
}

/** A copy of a ring in a store. Other processes change the ring too. */
export class StoredKeyRing implements KeyRing {
  readonly tokenTtlMs: number;
  readonly jwksMaxAgeMs: number;
  readonly #record: RingRecord;
  readonly #settings: KeyRingSettings;
  readonly #clock: RingClock;
  readonly #timer: NodeJS.Timeout;
  #copy: Copy;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #maintaining = false;
  /** The changes that could not be written, as they were reported. */
  #undone = '';
  #search: { atMs: number; done: Promise<void> } | null = null;

  private constructor(record: RingRecord, settings: KeyRingSettings, content: RingContent) {
    this.tokenTtlMs = settings.tokenTtlMs;
    this.jwksMaxAgeMs = settings.jwksMaxAgeMs;
    this.#record = record;
    this.#settings = settings;
    this.#clock = new RingClock(settings.now, settings.report);
    this.#copy = this.#copyOf(content);
    const everyMs = Math.min(settings.reloadMs, longestTimerMs);
    this.#timer = setInterval(() => void this.#maintain(), everyMs).unref();
  }

  /** Open a ring that can be read, even if due changes cannot be written. */
  static async open(record: RingRecord, settings: KeyRingSettings): Promise<StoredKeyRing> {
    const ring = new StoredKeyRing(record, settings, await record.read());
    await ring.#maintain();
    return ring;
  }

  get acceptedTtlMs(): number {
    const { keepMs } = this.#copy;
    return keepMs > this.#settings.keepMs ? keepMs : this.tokenTtlMs;
  }

  active(): SigningKey {
    return this.#copy.active;
  }

  find(kid: string): SigningKey | Promise<SigningKey | null> {
    return this.#copy.accepted.get(kid) ?? this.#searchFor(kid);
  }

  sessionSecrets(): readonly SessionSecret[] {
    return this.#copy.sessionSecrets;
  }

  jwks(): { keys: JWK[] } {
    return { keys: this.#copy.publicJwks.map((jwk) => ({ ...jwk })) };
  }

  rotate({ force = false }: { force?: boolean } = {}): Promise<void> {
    const { alg, publishMs, now } = this.#settings;
    let promoted: string | undefined;
    return this.#change(async (content) => {
      const { key, publishedAtMs } = content.next;
      promoted ??= key.kid;
      // The rotation is done, by this call or by another process at the same time.
      if (key.kid !== promoted) return null;
      const waitMs = Math.min(publishedAtMs + publishMs - now(), publishMs);
      if (waitMs > 0 && !force) {
        throw new ZkpAuthError('KEY_ROTATION_TOO_SOON', undefined, { retryAfterMs: waitMs });
      }
      return rotateRing(content, await generateNextKey(content, alg), now());
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #maintain(): Promise<void> {
    if (this.#maintaining) return;
    this.#maintaining = true;
    let due: readonly string[] = [];
    try {
      await this.#change(async (content) => {
        const maintenance = await maintainRing(content, this.#settings, this.#clock);
        due = maintenance.due;
        return due.length === 0 ? null : maintenance.content;
      });
      this.#undone = '';
    } catch (error) {
      if (due.length === 0) this.#settings.report(error);
      else this.#reportUndone(due, error);
    }
    this.#maintaining = false;
  }

  /** Report the same changes once. A ring on a read-only volume would report them at each reading. */
  #reportUndone(due: readonly string[], cause: unknown): void {
    const undone = due.join(', ');
    if (undone === this.#undone) return;
    this.#undone = undone;
    const reason = cause instanceof Error ? ` ${cause.message}` : '';
    const message = `The ring of signing keys was read and is in use, but could not be written: ${undone}.${reason}`;
    this.#settings.report(new ZkpAuthError('KEY_RING_NOT_WRITTEN', message, { cause }));
  }

  async #searchFor(kid: string): Promise<SigningKey | null> {
    const nowMs = this.#settings.now();
    if (this.#search === null || Math.abs(nowMs - this.#search.atMs) >= searchEveryMs) {
      this.#search = { atMs: nowMs, done: storeCall(this.#change(() => Promise.resolve(null))) };
    }
    await this.#search.done;
    return this.#copy.accepted.get(kid) ?? null;
  }

  /** One change at a time, so that no reading overwrites the copy of a later one. */
  #change(change: (content: RingContent) => Promise<RingContent | null>): Promise<void> {
    const turn = this.#lastTurn.then(async () => {
      await this.#record.change((content) => {
        this.#copy = this.#copyOf(content);
        return change(content);
      });
    });
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  /** A copy without the expired keys, even if the ring cannot be written. */
  #copyOf(content: RingContent): Copy {
    this.#clock.observe(content);
    return copyOf(withoutExpired(keptFor(content, this.#settings.keepMs), this.#clock));
  }
}

function copyOf({ active, next, retiring, sessionSecrets, keepMs }: RingContent): Copy {
  const keys = [active, next, ...retiring];
  return {
    active: active.key,
    accepted: new Map(keys.map(({ key }) => [key.kid, key])),
    publicJwks: keys.map(({ jwk }) => ({ ...publicJwkOf(jwk), use: 'sig' })),
    sessionSecrets,
    keepMs,
  };
}
