import { challengeShare } from '../challenge-record.js';
import type { ChallengeStore } from './challenge-store.js';
import { InsertionOrder } from './insertion-order.js';

export interface InMemoryChallengeStoreOptions {
  /** The most challenges kept at once; default 50 000, some 30 MB. */
  maxEntries?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

interface Entry {
  id: string;
  bytes: Uint8Array;
  expiresAtMs: number;
  share: Share;
}

/** Entries that count against one another. */
interface Share {
  name: string;
  entries: InsertionOrder<Entry>;
}

/** A share may hold this many before it is the first to give way. */
const fairShare = 64;

/**
 * Challenges in this process's memory, bounded. When it is full, a share over its fair size gives way first, by
 * its oldest entry, so that a flood of registrations, or for one credential, evicts only itself and an honest
 * login started before, during or after it goes through.
 */
export class InMemoryChallengeStore implements ChallengeStore {
  readonly #maxEntries: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #all = new InsertionOrder<Entry>();
  readonly #shares = new Map<string, Share>();
  /** The shares over {@link fairShare}. */
  readonly #heavy = new Set<Share>();

  constructor(options: InMemoryChallengeStoreOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 50_000;
    this.#now = options.now ?? Date.now;
    if (!Number.isSafeInteger(this.#maxEntries) || this.#maxEntries < 1) {
      throw new TypeError('maxEntries must be a positive integer');
    }
  }

  async set(id: string, challenge: Uint8Array, ttlMs: number): Promise<void> {
    const nowMs = this.#now();
    this.#remove(this.#entries.get(id));
    this.#removeExpired(nowMs);
    if (this.#entries.size >= this.#maxEntries) {
      const [heavy] = this.#heavy;
      this.#remove((heavy?.entries ?? this.#all).oldest());
    }
    const name = challengeShare(challenge);
    const share = this.#shares.get(name) ?? { name, entries: new InsertionOrder() };
    this.#shares.set(name, share);
    const entry = { id, bytes: Uint8Array.from(challenge), expiresAtMs: nowMs + ttlMs, share };
    this.#entries.set(id, entry);
    this.#all.add(entry);
    share.entries.add(entry);
    if (share.entries.size > fairShare) this.#heavy.add(share);
  }

  async consumeIfLive(id: string): Promise<Uint8Array | null> {
    const entry = this.#entries.get(id);
    this.#remove(entry);
    return entry !== undefined && this.#now() < entry.expiresAtMs ? entry.bytes : null;
  }

  #remove(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const { id, share } = entry;
    this.#entries.delete(id);
    this.#all.delete(entry);
    share.entries.delete(entry);
    if (share.entries.size === 0) this.#shares.delete(share.name);
    if (share.entries.size <= fairShare) this.#heavy.delete(share);
  }

  /** Lifetimes are alike, so the oldest expire first; one that outlives those behind it delays them, no more. */
  #removeExpired(nowMs: number): void {
    for (let oldest = this.#all.oldest(); oldest !== undefined; oldest = this.#all.oldest()) {
      if (oldest.expiresAtMs > nowMs) return;
      this.#remove(oldest);
    }
  }
}
