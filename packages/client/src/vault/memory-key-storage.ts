import type { Argon2idParameters } from '@zkp-auth/core';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import { VaultKeyStorage } from './vault-key-storage.js';

/** Keys in memory, gone with the page or process: for Node, tests, and kiosks that must not remember. */
export class MemoryKeyStorage extends VaultKeyStorage {
  constructor(options: { argon2?: Argon2idParameters } = {}) {
    super(new MemoryRecordStore(), options);
  }
}
