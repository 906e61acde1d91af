import type { ChallengeMarks, ChallengeStore } from './challenge-store.js';
import { InMemoryChallengeMarks } from './in-memory-challenge-marks.js';

export interface InMemoryChallengeStoreOptions {
  /** The most used challenges that are remembered at once; default 50 000, about 5 MB. */
  maxEntries?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

interface Entry {
  bytes: Uint8Array;
  expiresAtMs: number;
}

/**
 * Challenges of one process, which end with it. The server uses only its marks, so that a challenge takes no space
 * before its valid proof arrives, and no flood of requests fills it.
 *
 * @example
 * ```ts
 * const challenges = new InMemoryChallengeStore();
 * ```
 */
export class InMemoryChallengeStore implements ChallengeStore {
  readonly marks: ChallengeMarks;
  readonly #maxEntries: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(options: InMemoryChallengeStoreOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 50_000;
    this.#now = options.now ?? Date.now;
    if (!Number.isSafeInteger(this.#maxEntries) || this.#maxEntries < 1) {
      throw new TypeError('maxEntries must be a positive integer');
    }
    this.marks = new InMemoryChallengeMarks(this.#maxEntries, this.#now);
  }

  /**
   * Only a store calls it that wraps this one without passing its marks on. A full store forgets its oldest eighth.
   */
  async set(id: string, challenge: Uint8Array, ttlMs: number): Promise<void> {
    this.#entries.delete(id);
    if (this.#entries.size >= this.#maxEntries) this.#forgetOldest();
    this.#entries.set(id, { bytes: Uint8Array.from(challenge), expiresAtMs: this.#now() + ttlMs });
  }

  async consumeIfLive(id: string): Promise<Uint8Array | null> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry !== undefined && this.#now() < entry.expiresAtMs ? entry.bytes : null;
  }

  /** Forget many at once, because each deletion makes the search for the oldest entry slower. */
  #forgetOldest(): void {
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= (this.#maxEntries * 7) / 8) return;
      this.#entries.delete(id);
    }
  }
}
