import type { RecordStore, StoredKeys } from '@zkp-auth/client';

/** Records that outlive a page, and that a test can copy like a person with access to a browser's profile. */
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
