import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

const storeName = 'keys';

interface Schema<T> extends DBSchema {
  [storeName]: { key: string; value: T };
}

interface Values<T> {
  put(value: T, id: string): Promise<unknown>;
  delete(id: string): Promise<void>;
}

/** Values by id, in a database of this origin's IndexedDB. */
export class IndexedDBValues<T> {
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema<T>>> | undefined;

  /** @param name of the database. */
  constructor(name: string) {
    this.#name = name;
  }

  async get(id: string): Promise<T | undefined> {
    return (await this.#open()).get(storeName, id);
  }

  async put(id: string, value: T): Promise<void> {
    await this.#write((values) => values.put(value, id));
  }

  async delete(id: string): Promise<void> {
    await this.#write((values) => values.delete(id));
  }

  async list(): Promise<T[]> {
    return (await this.#open()).getAll(storeName);
  }

  /** `strict`: the promise resolves when the bytes are on disk, not when the browser means to write them. */
  async #write(change: (values: Values<T>) => Promise<unknown>): Promise<void> {
    const transaction = (await this.#open()).transaction(storeName, 'readwrite', { durability: 'strict' });
    await Promise.all([change(transaction.store as unknown as Values<T>), transaction.done]);
  }

  /** Open once; again after the browser closed it or another tab asked for a newer version. */
  #open(): Promise<IDBPDatabase<Schema<T>>> {
    if (this.#database !== undefined) return this.#database;
    const forget = (): void => {
      this.#database = undefined;
    };
    const opening = openDB<Schema<T>>(this.#name, 1, {
      upgrade: (database) => void database.createObjectStore(storeName),
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
