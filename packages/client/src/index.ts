export type {
  AddPasskeyOptions,
  CallOptions,
  ClientSnapshot,
  Confirmation,
  DeviceLoss,
  ExportKeyBlobOptions,
  ImportKeyBlobOptions,
  KeySlot,
  LoginOptions,
  Operation,
  Phase,
  RegisterOptions,
  RegisterResult,
  RevokeCredentialOptions,
  RevokedCredential,
  Session,
  StopRecoveryOptions,
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
  SaveKeyOptions,
  SlotSecret,
  UnlockedKey,
} from './vault/key-storage.js';
export { generatePassphrase } from './passphrases/generate-passphrase.js';
export type { EndedSession, SessionEndReason, SessionInfo } from './sessions/session-record.js';
export { MemoryKeyStorage } from './vault/memory-key-storage.js';
export type { RecordChange, RecordStore, StoredKeys } from './storage/record-store.js';
export type { StoragePersistence } from './storage/storage-persistence.js';
export { VaultKeyStorage, type VaultKeyStorageOptions } from './vault/vault-key-storage.js';
export { ZkpAuthClient } from './zkp-auth-client.js';
export {
  type AnyZkpAuthError,
  type Argon2idParameters,
  type CommonPinReason,
  computeProof as browserComputeProof,
  type CredentialSummary,
  type ErrorCode,
  type ErrorOf,
  type ErrorReason,
  type InvalidPinReason,
  isZkpAuthError,
  type Outcome,
  type RecoveryWordsReason,
  type SessionSummary,
  type WaysBack,
  type WeakPassphraseReason,
  type WrongPinReason,
  ZkpAuthError,
} from '@zkp-auth/core';
