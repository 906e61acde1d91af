import { contentVersion } from '../files/content-version.js';
import type { Envelope } from './envelope.js';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { KeyRingStore } from './key-ring-store.js';
import { formatRingContent, parseRingContent, type RingContent } from './ring-content.js';
import { refuseIfReplaced, type SeenRing } from './refuse-if-replaced.js';
import type { SealMark } from './sealed-text.js';

/** A ring in its store. It is opened and examined when it is read, and closed when it is written. */
export class RingRecord {
  readonly #store: KeyRingStore;
  readonly #envelope: Envelope;
  /** The newest ring that was read. An older one is refused from then on. */
  #seen: SeenRing;

  /** @param leastGeneration the lowest accepted generation of a sealed ring. */
  constructor(store: KeyRingStore, envelope: Envelope, leastGeneration = 0) {
    this.#store = store;
    this.#envelope = envelope;
    this.#seen = { ringId: null, generation: leastGeneration, version: null };
  }

  /**
   * Change the ring, also while other processes change it.
   *
   * @param change gives the new content for the present one, or `null` if the present one may stay. It is called with
   * each newly read content until it gives `null`.
   * @returns the content that is stored then.
   * @throws {@link ZkpAuthError} `KEY_RING_INVALID`, `KEY_RING_REPLACED`, and the store's error.
   */
  async change(change: (content: RingContent) => Promise<RingContent | null>): Promise<RingContent> {
    for (;;) {
      const { version, content, mark } = await this.#readVersion();
      const changed = await change(content);
      if (changed === null) return content;
      await this.#store.replace(version, this.#envelope.close(formatRingContent(changed), mark));
    }
  }

  /** @throws {@link ZkpAuthError} `KEY_RING_INVALID`, `KEY_RING_REPLACED`, and the store's error. */
  async read(): Promise<RingContent> {
    return (await this.#readVersion()).content;
  }

  async #readVersion(): Promise<{ version: number; content: RingContent; mark: SealMark | null }> {
    const stored = await this.#store.read();
    if (stored === null) throw keyRingInvalid('it is gone from its store');
    const { text, mark } = this.#envelope.open(stored.content);
    const version = contentVersion(stored.content);
    if (this.#envelope.marks) refuseIfReplaced({ mark, version }, this.#seen);
    const content = await parseRingContent(text);
    if (mark !== null) this.#seen = { ...mark, version };
    return { version: stored.version, content, mark };
  }
}
