import type { RecordStore, StoredKeys } from '@zkp-auth/client';

/** Records that can be copied, as by whoever gets at a browser's profile, and that outlive a page. */
export class Records implements RecordStore {
  readonly values: Map<string, StoredKeys>;

  constructor(values: Iterable<[string, StoredKeys]> = []) {
    this.values = new Map(structuredClone([...values]));
  }

  async get(id: string): Promise<StoredKeys | undefined> {
    return structuredClone(this.values.get(id));
  }

  async put(id: string, value: StoredKeys): Promise<void> {
    this.values.set(id, structuredClone(value));
  }

  async delete(id: string): Promise<void> {
    this.values.delete(id);
  }

  async list(): Promise<StoredKeys[]> {
    return structuredClone([...this.values.values()]);
  }
}
