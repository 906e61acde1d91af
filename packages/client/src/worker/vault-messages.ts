import type { Argon2idParameters, ErrorCode, ErrorReason } from '@zkp-auth/core';
import type { KeyName } from '../storage/local-key.js';
import type {
  KeyStorage,
  KeyUse,
  PinAssistAnswer,
  PinAssistQuestion,
  ProofRequest,
  SaveKeyOptions,
  SlotSecret,
} from '../vault/key-storage.js';

/** The version in package.json. A page and a worker compare it to detect that they were not built together. */
export const clientVersion = '0.1.0';

// The messages between the page and the vault worker. No message carries a key's secret out of the worker. No message
// carries a message to be proven, a hash or an origin into it.

/** Stands for an open key on the page. It has a number, and the key's public members. */
export interface KeyHandle {
  handle: number;
  credentialId: string;
  publicKey: Uint8Array;
}

/**
 * A slot's secret on its way into the worker. It says whether there is assistance, because a function cannot be sent.
 */
export type PortableSecret =
  | Exclude<SlotSecret, { kind: 'pin' }>
  | (Omit<Extract<SlotSecret, { kind: 'pin' }>, 'assist'> & { assisted: boolean });

type PlainMethod =
  | 'activateKey'
  | 'discardPendingKey'
  | 'hasKey'
  | 'listKeys'
  | 'listSlots'
  | 'settlePinSlot'
  | 'removeSlot'
  | 'listReturns'
  | 'saveReturns'
  | 'deleteKey';

type PlainCall = {
  [Method in PlainMethod]: { method: Method; args: Parameters<KeyStorage[Method]> };
}[PlainMethod];

/** The answer to `configure`. This is the first call, and has the number 0. */
export interface Configured {
  version: string;
}

export type VaultCall =
  | PlainCall
  | { method: 'configure'; args: [argon2: Argon2idParameters | undefined, version: string] }
  | { method: 'generateAndStore'; args: [name: KeyName, secret: PortableSecret] }
  | { method: 'unlock'; args: [name: KeyName, credentialId: string, secret: PortableSecret, use: KeyUse] }
  | { method: 'addSlot' | 'exportBlob' | 'generateSuccessor'; args: [handle: number, secret: PortableSecret] }
  | { method: 'importBlob'; args: [blob: string, secret: PortableSecret, expected: KeyName] }
  | { method: 'saveKey'; args: [handle: number, options: SaveKeyOptions | undefined] }
  | { method: 'prove'; args: [handle: number, request: ProofRequest] }
  | { method: 'dispose'; args: [handle: number] };

/** The page's answer to a question of a call. */
export interface VaultReply {
  id: number;
  reply: PinAssistAnswer | { failed: ErrorCode | null };
}

export type VaultRequest = (VaultCall & { id: number }) | VaultReply;

export type VaultAnswer =
  | { id: number; result: unknown }
  | { id: number; question: PinAssistQuestion }
  | {
      id: number;
      error: { code: ErrorCode; message: string; reason?: ErrorReason | undefined } | { misuse: string };
    };
