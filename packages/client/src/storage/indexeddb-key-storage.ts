import type { Argon2idParameters } from '@zkp-auth/core';
import { IndexedDBRecordStore } from './indexeddb-record-store.js';
import { VaultKeyStorage } from './vault-key-storage.js';

export interface IndexedDBKeyStorageOptions {
  /** Cost of the PIN; default 64 MiB, three passes, one lane. */
  argon2?: Argon2idParameters;
  /** Name of the database; default `zkp-auth`. */
  databaseName?: string;
}

/**
 * Keys in this origin's IndexedDB. A client makes one by itself, in a worker; one that you construct opens keys
 * in the calling thread, which stands still for about a second meanwhile.
 */
export class IndexedDBKeyStorage extends VaultKeyStorage {
  constructor(options: IndexedDBKeyStorageOptions = {}) {
    const { databaseName, ...vault } = options;
    super(new IndexedDBRecordStore(databaseName), { ...vault, evictable: true });
  }
}
