import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { RecordStore, StoredKeys } from './record-store.js';

interface Schema extends DBSchema {
  keys: { key: string; value: StoredKeys };
}

interface KeysStore {
  put(value: StoredKeys, id: string): Promise<string>;
  delete(id: string): Promise<void>;
}

/** Records in this origin's IndexedDB. */
export class IndexedDBRecordStore implements RecordStore {
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  /** @param name of the database; default `zkp-auth`. */
  constructor(name = 'zkp-auth') {
    this.#name = name;
  }

  async get(id: string): Promise<StoredKeys | undefined> {
    return (await this.#open()).get('keys', id);
  }

  async put(id: string, value: StoredKeys): Promise<void> {
    await this.#write((keys) => keys.put(value, id));
  }

  async delete(id: string): Promise<void> {
    await this.#write((keys) => keys.delete(id));
  }

  async list(): Promise<StoredKeys[]> {
    return (await this.#open()).getAll('keys');
  }

  /** `strict`: the promise resolves when the bytes are on disk, not when the browser means to write them. */
  async #write(change: (keys: KeysStore) => Promise<unknown>): Promise<void> {
    const transaction = (await this.#open()).transaction('keys', 'readwrite', { durability: 'strict' });
    await Promise.all([change(transaction.store), transaction.done]);
  }

  /** Open once; again after the browser closed it or another tab asked for a newer version. */
  #open(): Promise<IDBPDatabase<Schema>> {
    if (this.#database !== undefined) return this.#database;
    const forget = (): void => {
      this.#database = undefined;
    };
    const opening = openDB<Schema>(this.#name, 1, {
      upgrade: (database) => void database.createObjectStore('keys'),
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    });
    this.#database = opening;
    opening.catch(forget);
    return opening;
  }
}
