import { IndexedDBValues } from '../storage/indexeddb-values.js';
import type { StoredKeys } from '../storage/record-store.js';
import { VaultKeyStorage, type VaultKeyStorageOptions } from './vault-key-storage.js';

export interface IndexedDBKeyStorageOptions extends Pick<VaultKeyStorageOptions, 'argon2' | 'origin'> {
  /** Name of the database; default `zkp-auth`. */
  databaseName?: string;
}

/**
 * Keys in this origin's IndexedDB. A client makes such a storage by itself, in a worker. A storage that you construct
 * opens keys in the calling thread, and blocks it for about a second.
 */
export class IndexedDBKeyStorage extends VaultKeyStorage {
  constructor(options: IndexedDBKeyStorageOptions = {}) {
    const { databaseName = 'zkp-auth', ...vault } = options;
    super(new IndexedDBValues<StoredKeys>(databaseName), { ...vault, evictable: true });
  }
}
