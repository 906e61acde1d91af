const storeName = 'keys';

/** The errors of a connection that has died without a `close` event, such as a Safari connection after a suspension. */
const namesOfDeadConnections = new Set(['InvalidStateError', 'UnknownError', 'AbortError']);

/** Values by id, in a database of this origin's IndexedDB. */
export class IndexedDBValues<T> {
  readonly #name: string;
  #database: Promise<IDBDatabase> | undefined;

  /** @param name name of the database. */
  constructor(name: string) {
    this.#name = name;
  }

  async get(id: string): Promise<T | undefined> {
    return this.#use((database) => resultOf(valuesIn(database).get(id) as IDBRequest<T | undefined>));
  }

  async put(id: string, value: T): Promise<void> {
    await this.#write((values) => resultOf(values.put(value, id)));
  }

  async delete(id: string): Promise<void> {
    await this.#write((values) => resultOf(values.delete(id)));
  }

  async list(): Promise<T[]> {
    return this.#use((database) => resultOf<T[]>(valuesIn(database).getAll()));
  }

  /**
   * Change one value in one transaction. If `change` throws, nothing changes. It is called only once. If the connection
   * dies after that, the change may or may not be on disk, and the promise rejects.
   *
   * @param change gives the new value, or `null` to delete it.
   */
  async update(id: string, change: (stored: T | undefined) => T | null): Promise<void> {
    let isChanged = false;
    const work = async (values: IDBObjectStore): Promise<void> => {
      const stored = await resultOf(values.get(id) as IDBRequest<T | undefined>);
      isChanged = true;
      const changed = change(stored);
      await (changed === null ? resultOf(values.delete(id)) : resultOf(values.put(changed, id)));
    };
    await this.#write(work, () => !isChanged);
  }

  /** `strict` makes the promise resolve when the bytes are on disk, not when the browser intends to write them. */
  async #write(
    change: (values: IDBObjectStore) => Promise<unknown>,
    mayRepeat: () => boolean = () => true,
  ): Promise<void> {
    await this.#use(async (database) => {
      const transaction = database.transaction(storeName, 'readwrite', { durability: 'strict' });
      const outcome = done(transaction).catch((error: unknown) => ({ error }));
      try {
        await change(transaction.objectStore(storeName));
      } catch (error) {
        abort(transaction);
        await outcome;
        throw error;
      }
      const failure = await outcome;
      if (failure !== undefined) throw failure.error;
    }, mayRepeat);
  }

  /** Run work on the database. If a connection that was already open has died, run it once more on a new connection. */
  async #use<R>(
    work: (database: IDBDatabase) => Promise<R>,
    mayRepeat: () => boolean = () => true,
  ): Promise<R> {
    const before = this.#database;
    const database = await this.#open();
    try {
      return await work(database);
    } catch (error) {
      if (before === undefined || !isOfDeadConnection(error)) throw error;
      database.close();
      if (this.#database === before) this.#database = undefined;
      if (!mayRepeat()) throw error;
      return work(await this.#open());
    }
  }

  /** Open the database once. Open it again after the browser closed it, or after another tab asked for a newer version. */
  #open(): Promise<IDBDatabase> {
    if (this.#database !== undefined) return this.#database;
    const forget = (): void => {
      if (this.#database === opening) this.#database = undefined;
    };
    const opening = openDatabase(this.#name, storeName, forget);
    this.#database = opening;
    opening.catch(forget);
    return opening;
  }
}

function valuesIn(database: IDBDatabase): IDBObjectStore {
  return database.transaction(storeName).objectStore(storeName);
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // The transaction has already ended.
  }
}

function isOfDeadConnection(error: unknown): boolean {
  return error instanceof DOMException && namesOfDeadConnections.has(error.name);
}

// IndexedDB's requests as promises. A browser would download a library for this twice, once for the page and once
// inside the worker.

/** The result of a request. A request that fails rejects with its error, and aborts its transaction. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The end of a transaction. An aborted transaction rejects with its error. */
export function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
  });
}

/**
 * Open a database of version 1 with one object store. It closes if another tab asks for a newer version.
 *
 * @param onClose called when the browser or such a request has closed it.
 */
export async function openDatabase(
  name: string,
  storeName: string,
  onClose: () => void,
): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(storeName);
  const database = await resultOf(request);
  database.onclose = onClose;
  database.onversionchange = () => {
    database.close();
    onClose();
  };
  return database;
}
