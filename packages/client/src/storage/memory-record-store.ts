import type { RecordChange, RecordStore, StoredKeys } from './record-store.js';

/** Records in this page's memory. */
export class MemoryRecordStore implements RecordStore {
  readonly #values = new Map<string, string>();

  async get(id: string): Promise<StoredKeys | undefined> {
    return this.#read(id);
  }

  async put(id: string, value: StoredKeys): Promise<void> {
    this.#values.set(id, JSON.stringify(value));
  }

  async delete(id: string): Promise<void> {
    this.#values.delete(id);
  }

  async list(): Promise<StoredKeys[]> {
    return [...this.#values.values()].map((text) => JSON.parse(text) as StoredKeys);
  }

  async update(id: string, change: RecordChange): Promise<void> {
    const changed = change(this.#read(id));
    if (changed === null) this.#values.delete(id);
    else this.#values.set(id, JSON.stringify(changed));
  }

  #read(id: string): StoredKeys | undefined {
    const text = this.#values.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as StoredKeys);
  }
}
