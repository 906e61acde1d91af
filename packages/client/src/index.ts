export type {
  CallOptions,
  ClientSnapshot,
  ImportKeyBlobOptions,
  Operation,
  Phase,
  RegisterOptions,
  RegisterResult,
  Session,
  ZkpAuthClientOptions,
} from './client-types.js';
export { IndexedDBKeyStorage, type IndexedDBKeyStorageOptions } from './storage/indexeddb-key-storage.js';
export type { ImportBlobOptions, KeyName, KeyStorage, LocalKey, UnlockedKey } from './storage/key-storage.js';
export { MemoryKeyStorage } from './storage/memory-key-storage.js';
export type { RecordStore, StoredKeys } from './storage/record-store.js';
export { VaultKeyStorage, type VaultKeyStorageOptions } from './storage/vault-key-storage.js';
export { ZkpAuthClient } from './zkp-auth-client.js';
export {
  type Argon2idParameters,
  computeProof as browserComputeProof,
  type ErrorCode,
  isZkpAuthError,
  ZkpAuthError,
} from '@zkp-auth/core';
