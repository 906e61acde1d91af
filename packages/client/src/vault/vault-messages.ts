import type { Argon2idParameters, ErrorCode } from '@zkp-auth/core';
import type { KeyStorage } from '../storage/key-storage.js';

// What passes between the page and the vault worker. No message carries a secret out of the worker.

/** An open key's stand-in on the page: a number, and what is public about it. */
export interface KeyHandle {
  handle: number;
  credentialId: string;
  publicKey: Uint8Array;
}

type StorageCall = {
  [Method in Exclude<keyof KeyStorage, 'evictable'>]: {
    method: Method;
    args: Parameters<KeyStorage[Method]>;
  };
}[Exclude<keyof KeyStorage, 'evictable'>];

export type VaultCall =
  | StorageCall
  | { method: 'configure'; args: [argon2: Argon2idParameters | undefined] }
  | { method: 'prove'; args: [handle: number, message: Uint8Array] }
  | { method: 'dispose'; args: [handle: number] };

export type VaultRequest = VaultCall & { id: number };

export type VaultAnswer =
  | { id: number; result: unknown }
  | { id: number; error: { code: ErrorCode; message: string } | { misuse: string } };
