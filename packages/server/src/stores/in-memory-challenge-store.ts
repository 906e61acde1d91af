import { challengeShare } from '../challenge-record.js';
import type { ChallengeStore } from './challenge-store.js';

export interface InMemoryChallengeStoreOptions {
  /** The most challenges kept at once; default 50 000, some 30 MB. */
  maxEntries?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

interface Entry {
  bytes: Uint8Array;
  expiresAtMs: number;
  share: string;
}

/** A share may hold this many before it is the first to give way. */
const fairShare = 64;

/**
 * Challenges in this process's memory, bounded. When it is full, a share over its fair size gives way
 * first, by its oldest entry, so that a flood of registrations, or for one credential, evicts only
 * itself and an honest login started before, during or after it goes through.
 */
export class InMemoryChallengeStore implements ChallengeStore {
  readonly #maxEntries: number;
  readonly #now: () => number;
  /** In order of insertion. */
  readonly #entries = new Map<string, Entry>();
  /** Ids by share, in order of insertion. */
  readonly #shares = new Map<string, Set<string>>();
  /** The shares over {@link fairShare}. */
  readonly #heavy = new Set<string>();

  constructor(options: InMemoryChallengeStoreOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 50_000;
    this.#now = options.now ?? Date.now;
    if (!Number.isSafeInteger(this.#maxEntries) || this.#maxEntries < 1) {
      throw new TypeError('maxEntries must be a positive integer');
    }
  }

  async set(id: string, challenge: Uint8Array, ttlMs: number): Promise<void> {
    const nowMs = this.#now();
    this.#remove(id);
    this.#removeExpired(nowMs);
    if (this.#entries.size >= this.#maxEntries) this.#evictOne();
    const share = challengeShare(challenge);
    this.#entries.set(id, { bytes: Uint8Array.from(challenge), expiresAtMs: nowMs + ttlMs, share });
    const ids = this.#shares.get(share) ?? new Set();
    this.#shares.set(share, ids.add(id));
    if (ids.size > fairShare) this.#heavy.add(share);
  }

  async consumeIfLive(id: string): Promise<Uint8Array | null> {
    const entry = this.#remove(id);
    return entry !== undefined && this.#now() < entry.expiresAtMs ? entry.bytes : null;
  }

  #remove(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    const ids = this.#shares.get(entry.share);
    ids?.delete(id);
    if (ids === undefined || ids.size === 0) this.#shares.delete(entry.share);
    if (ids === undefined || ids.size <= fairShare) this.#heavy.delete(entry.share);
    return entry;
  }

  #removeExpired(nowMs: number): void {
    for (const [id, entry] of this.#entries) {
      if (entry.expiresAtMs > nowMs) return;
      this.#remove(id);
    }
  }

  #evictOne(): void {
    const [heavy] = this.#heavy;
    const ids = heavy === undefined ? this.#entries.keys() : (this.#shares.get(heavy) ?? new Set<string>());
    for (const id of ids) {
      this.#remove(id);
      return;
    }
  }
}
