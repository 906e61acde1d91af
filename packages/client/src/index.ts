export type {
  AddPasskeyOptions,
  CallOptions,
  ClientSnapshot,
  Confirmation,
  ExportKeyBlobOptions,
  ImportKeyBlobOptions,
  KeySlot,
  Operation,
  Phase,
  RegisterOptions,
  RegisterResult,
  Session,
  UnlockWith,
  ZkpAuthClientOptions,
} from './client-types.js';
export type { PinPolicy } from './pins/pin-policy.js';
export { IndexedDBKeyStorage, type IndexedDBKeyStorageOptions } from './vault/indexeddb-key-storage.js';
export type { KeyName, LocalKey, LocalSlot } from './storage/local-key.js';
export type {
  ConfirmUse,
  IssuedChallenge,
  KeyStorage,
  KeyUse,
  PinAssist,
  PinAssistAnswer,
  PinAssistQuestion,
  ProofRequest,
  SlotSecret,
  UnlockedKey,
} from './vault/key-storage.js';
export { generatePassphrase } from './passphrases/generate-passphrase.js';
export type { EndedSession, SessionInfo } from './sessions/session-record.js';
export { MemoryKeyStorage } from './vault/memory-key-storage.js';
export type { RecordChange, RecordStore, StoredKeys } from './storage/record-store.js';
export type { StoragePersistence } from './storage/storage-persistence.js';
export { VaultKeyStorage, type VaultKeyStorageOptions } from './vault/vault-key-storage.js';
export { ZkpAuthClient } from './zkp-auth-client.js';
export {
  type Argon2idParameters,
  computeProof as browserComputeProof,
  type ErrorCode,
  isZkpAuthError,
  type SessionSummary,
  ZkpAuthError,
} from '@zkp-auth/core';
