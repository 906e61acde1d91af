import type { KeyRingStore, StoredRing } from './key-ring-store.js';

/** A ring in this process's memory. It ends with the process. */
export class InMemoryKeyRingStore implements KeyRingStore {
  #stored: StoredRing | null = null;

  async read(): Promise<StoredRing | null> {
    return this.#stored;
  }

  async replace(expectedVersion: number | null, content: string): Promise<boolean> {
    if ((this.#stored?.version ?? null) !== expectedVersion) return false;
    this.#stored = { version: (expectedVersion ?? 0) + 1, content };
    return true;
  }
}
