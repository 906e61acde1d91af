import { ZkpAuthError } from '@zkp-auth/core';
import { IndexedDBKeyStorage } from '../vault/indexeddb-key-storage.js';
import type { DefaultStorage, DefaultStorageOptions } from './worker-vault-host.js';

/** The default storage if there can be no worker, as in Node. It runs on the caller's thread. */
export function openDefaultStorage({ argon2 }: DefaultStorageOptions = {}): DefaultStorage {
  if (!('indexedDB' in globalThis)) {
    throw new ZkpAuthError(
      'STORAGE_ERROR',
      'There is no IndexedDB here: pass `storage: new MemoryKeyStorage()`.',
    );
  }
  return new IndexedDBKeyStorage(argon2 === undefined ? {} : { argon2 });
}
