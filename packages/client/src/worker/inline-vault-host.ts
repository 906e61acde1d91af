import { ZkpAuthError } from '@zkp-auth/core';
import { IndexedDBKeyStorage } from '../vault/indexeddb-key-storage.js';
import type { KeyStorage } from '../vault/key-storage.js';
import type { DefaultStorageOptions } from './vault-host.js';

/** The default storage if there can be no worker, as in Node. It runs on the caller's thread. */
export function openDefaultStorage({ argon2 }: DefaultStorageOptions = {}): KeyStorage {
  if (!('indexedDB' in globalThis)) {
    throw new ZkpAuthError(
      'STORAGE_ERROR',
      'There is no IndexedDB here: pass `storage: new MemoryKeyStorage()`.',
    );
  }
  return new IndexedDBKeyStorage(argon2 === undefined ? {} : { argon2 });
}
