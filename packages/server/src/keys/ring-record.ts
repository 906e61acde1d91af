import type { Envelope } from './envelope.js';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { KeyRingStore } from './key-ring-store.js';
import { formatRingContent, parseRingContent, type RingContent } from './ring-content.js';

/** A ring in its store: opened and examined when it is read, closed when it is written. */
export class RingRecord {
  readonly #store: KeyRingStore;
  readonly #envelope: Envelope;

  constructor(store: KeyRingStore, envelope: Envelope) {
    this.#store = store;
    this.#envelope = envelope;
  }

  /**
   * Change the ring, whatever other processes do meanwhile.
   *
   * @param change gives what is to stand in the place of what it is given, or `null` where that may stay. It is asked
   * again until it says that, each time of what stands there then.
   * @returns what stands there.
   * @throws {@link ZkpAuthError} `KEY_RING_INVALID`, and what the store throws.
   */
  async change(change: (content: RingContent) => Promise<RingContent | null>): Promise<RingContent> {
    for (;;) {
      const { version, content } = await this.#readVersion();
      const changed = await change(content);
      if (changed === null) return content;
      await this.#store.replace(version, this.#envelope.close(formatRingContent(changed)));
    }
  }

  /** @throws {@link ZkpAuthError} `KEY_RING_INVALID`, and what the store throws. */
  async read(): Promise<RingContent> {
    return (await this.#readVersion()).content;
  }

  async #readVersion(): Promise<{ version: number; content: RingContent }> {
    const stored = await this.#store.read();
    if (stored === null) throw keyRingInvalid('it is gone from its store');
    return { version: stored.version, content: await parseRingContent(this.#envelope.open(stored.content)) };
  }
}
