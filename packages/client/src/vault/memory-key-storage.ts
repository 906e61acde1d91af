import type { Argon2idParameters } from '@zkp-auth/core';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import { VaultKeyStorage } from './vault-key-storage.js';

/** Keys in memory, for Node, tests, and kiosks that must not remember. They are gone with the page or process. */
export class MemoryKeyStorage extends VaultKeyStorage {
  constructor(options: { argon2?: Argon2idParameters } = {}) {
    super(new MemoryRecordStore(), options);
  }
}
