import { ZkpAuthError } from '@zkp-auth/core';
import type { JWK } from 'jose';
import { storeCall } from '../stores/store-call.js';
import type { KeyRingSettings } from './key-ring-options.js';
import type { KeyRing, SessionSecret, SigningAlgorithm, SigningKey } from './key-ring.js';
import type { RingContent } from './ring-content.js';
import type { RingRecord } from './ring-record.js';
import { keptFor, rotateRing, withoutExpired } from './rotate-ring.js';
import { generateStoredKey, publicJwkOf, type StoredKey } from './stored-key.js';

/** Anybody can send a token that names an unknown key. */
const searchEveryMs = 5_000;
/** What is longer a timer takes for no time at all. */
const longestTimerMs = 2_147_483_647;

/** What is kept of a ring between readings: nothing that could be written again. */
interface Copy {
  active: SigningKey;
  accepted: ReadonlyMap<string, SigningKey>;
  publicJwks: readonly JWK[];
  sessionSecrets: readonly SessionSecret[];
}

/** A copy of a ring in a store, which other processes change as well. */
export class StoredKeyRing implements KeyRing {
  readonly tokenTtlMs: number;
  readonly jwksMaxAgeMs: number;
  readonly #record: RingRecord;
  readonly #settings: KeyRingSettings;
  readonly #timer: NodeJS.Timeout;
  #copy: Copy;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #maintaining = false;
  #search: { atMs: number; done: Promise<void> } | null = null;

  private constructor(record: RingRecord, settings: KeyRingSettings, content: RingContent) {
    this.tokenTtlMs = settings.tokenTtlMs;
    this.jwksMaxAgeMs = settings.jwksMaxAgeMs;
    this.#record = record;
    this.#settings = settings;
    this.#copy = copyOf(content);
    const everyMs = Math.min(settings.reloadMs, longestTimerMs);
    this.#timer = setInterval(() => void this.#maintain(), everyMs).unref();
  }

  static async open(record: RingRecord, settings: KeyRingSettings): Promise<StoredKeyRing> {
    return new StoredKeyRing(record, settings, await record.change(maintenance(settings)));
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
      // Done: by this call, or by another process that rotated at the same time.
      if (key.kid !== promoted) return null;
      const waitMs = publishedAtMs + publishMs - now();
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
    await this.#change(maintenance(this.#settings)).catch(this.#settings.report);
    this.#maintaining = false;
  }

  async #searchFor(kid: string): Promise<SigningKey | null> {
    const nowMs = this.#settings.now();
    if (this.#search === null || Math.abs(nowMs - this.#search.atMs) >= searchEveryMs) {
      this.#search = { atMs: nowMs, done: storeCall(this.#change(() => Promise.resolve(null))) };
    }
    await this.#search.done;
    return this.#copy.accepted.get(kid) ?? null;
  }

  /** One at a time, so that no reading puts back what a later one has found. */
  #change(change: (content: RingContent) => Promise<RingContent | null>): Promise<void> {
    const turn = this.#lastTurn.then(async () => {
      this.#copy = copyOf(await this.#record.change(change));
    });
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

/**
 * Have keys kept for as long as this process needs them, rotate where that is due, and drop keys that nobody needs.
 */
function maintenance({ alg, rotateEveryMs, keepMs, now }: KeyRingSettings) {
  return async (content: RingContent): Promise<RingContent | null> => {
    const nowMs = now();
    const kept = withoutExpired(keptFor(content, keepMs), nowMs);
    // The next key has been next for as long as the active one has been active.
    const isDue = nowMs - kept.next.publishedAtMs >= rotateEveryMs;
    if (isDue) return rotateRing(kept, await generateNextKey(kept, alg), nowMs);
    return kept === content ? null : kept;
  };
}

/** A key to be next: of another algorithm than the one before only where that is asked for. */
function generateNextKey({ next }: RingContent, alg: SigningAlgorithm | undefined): Promise<StoredKey> {
  return generateStoredKey(alg ?? next.key.alg);
}

function copyOf({ active, next, retiring, sessionSecrets }: RingContent): Copy {
  const keys = [active, next, ...retiring];
  return {
    active: active.key,
    accepted: new Map(keys.map(({ key }) => [key.kid, key])),
    publicJwks: keys.map(({ jwk }) => ({ ...publicJwkOf(jwk), use: 'sig' })),
    sessionSecrets,
  };
}
