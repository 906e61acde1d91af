import { decodeBase64url, encodeBase64url } from './base64url.js';
import { encodeUtf8, lengthPrefixed, uint32 } from './bytes.js';
import { constantTimeEqual } from './constant-time-equal.js';
import { credentialIdLength, credentialIdOf } from './credential-id.js';
import { pinIdLength, publicKeyLength } from './lengths.js';
import { ZkpAuthError } from './zkp-auth-error.js';
import { isValidOrigin } from './origin.js';
import { isValidUserId } from './user-id.js';
import {
  isString,
  type JsonObject,
  member,
  readBytes,
  readBytesText,
  readMember,
  readObject,
} from './wire/members.js';

/** The secret of a credential under one or more wrappings (protocol section 6). */
export interface VaultRecord {
  userId: string;
  /** Origin of the server the credential is registered at. */
  audience: string;
  /** 16 bytes in base64url, recomputed from the public key on reading. */
  credentialId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** Every slot wraps the same secret. */
  slots: VaultSlot[];
}

export type VaultSlot = SecretSlot | PasskeySlot | UnknownSlot;

/** Opens with a PIN or a passphrase. */
export interface SecretSlot {
  kind: 'pin' | 'passphrase';
  kdf: Argon2idParameters & { salt: Uint8Array };
  /** 16 bytes, or `null` if the slot opens without the server. */
  pinId: Uint8Array | null;
  /** 12 bytes. */
  iv: Uint8Array;
  /** 48 bytes: the wrapped secret and its tag. */
  ct: Uint8Array;
  /**
   * For a PIN slot sealed under form 2 of the PIN. A slot without it is sealed under the PIN's NFKC (protocol
   * section 5.1).
   */
  pinForm?: 2;
}

/** Opens with a passkey's PRF output. */
export interface PasskeySlot {
  kind: 'passkey';
  passkeyId: Uint8Array;
  /** 32 bytes, the input of the PRF. */
  salt: Uint8Array;
  iv: Uint8Array;
  ct: Uint8Array;
  /** The WebAuthn transports of the passkey, 1 to 8. */
  transports?: readonly string[];
}

/** A slot of a kind that this version does not know. It is kept untouched. */
export interface UnknownSlot {
  kind: 'unknown';
  json: JsonObject;
}

export interface Argon2idParameters {
  /** Memory in KiB, 19456 to 1048576. */
  m: number;
  /** Passes, 2 to 16. A new slot has `m * t` of at most 2097152. */
  t: number;
  /** Lanes: 1. */
  p: 1;
}

/** Argon2id at 64 MiB and three passes. */
export const defaultArgon2: Argon2idParameters = { m: 65_536, t: 3, p: 1 };

export const saltLength = 16;
export const ivLength = 12;
export const wrappedSecretLength = 48;
export const passkeySaltLength = 32;
const maxPasskeyIdLength = 1023;
const maxTransports = 8;
const transportName = /^[a-z][a-z0-9-]{0,31}$/;
const maxSlots = 32;
const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * The highest cost of Argon2id, memory in KiB times passes. This is 1 GiB twice, eleven times the default. It
 * bounds each slot that is written, and the sum of all slots of a key blob.
 */
export const maxArgon2Cost = 2_097_152;

/** Whether the parameters are within the bounds of protocol section 6. */
export function isArgon2Parameters(value: {
  m: unknown;
  t: unknown;
  p: unknown;
}): value is Argon2idParameters {
  return inRange(value.m, 19_456, 1_048_576) && inRange(value.t, 2, 16) && value.p === 1;
}

/** @throws `TypeError` for parameters outside the bounds of protocol section 6 or over {@link maxArgon2Cost}. */
export function assertArgon2Parameters(value: Argon2idParameters): void {
  if (!isArgon2Parameters(value) || value.m * value.t > maxArgon2Cost)
    throw new TypeError(
      `argon2 must be m 19456 to 1048576, t 2 to 16 and p 1, with m times t at most ${maxArgon2Cost}`,
    );
}

/**
 * The additional data that ties a slot's ciphertext to its record. If anything outside the wrapped secret is
 * changed, the slot does not open.
 */
export function slotAdditionalData(
  record: Pick<VaultRecord, 'userId' | 'audience' | 'publicKey'>,
  slot: Omit<SecretSlot, 'iv' | 'ct'> | Omit<PasskeySlot, 'iv' | 'ct'>,
): Uint8Array {
  const { userId, audience, publicKey } = record;
  const head = ['zkp-auth/vault/2', userId, audience, publicKey, slot.kind];
  if (slot.kind === 'passkey') return lengthPrefixed(...head, slot.passkeyId, slot.salt);
  const { m, t, p, salt } = slot.kdf;
  return lengthPrefixed(...head, 'argon2id', uint32(m), uint32(t), uint32(p), salt, slot.pinId ?? undefined);
}

/**
 * Read a record, and check everything that can be checked without a PIN.
 *
 * @param value the parsed JSON.
 * @throws {@link ZkpAuthError} `INVALID_KEY_BLOB`, with a sentence about the fault.
 */
export function parseVaultRecord(value: unknown): VaultRecord {
  return readVaultRecord(value, credentialIdOf);
}

/**
 * {@link parseVaultRecord} for a caller that has hashed the public key before, such as a bundle without a SHA-256 of
 * its own. See {@link publicKeyIn}.
 *
 * @param idOf gives the credential id of a public key.
 * @throws {@link ZkpAuthError} as `parseVaultRecord`, and the errors of `idOf`.
 */
export function readVaultRecord(value: unknown, idOf: (publicKey: Uint8Array) => string): VaultRecord {
  const object = readObject(value, 'INVALID_KEY_BLOB');
  if (member(object, 'zkpAuthVault') !== 2) fail('This is not a version 2 key record.');
  const publicKey = readBytes(object, 'publicKey', publicKeyLength, 'INVALID_KEY_BLOB');
  const credentialId = readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_KEY_BLOB');
  if (!constantTimeEqual(encodeUtf8(idOf(publicKey)), encodeUtf8(credentialId)))
    fail('The credential id is not that of the public key.');
  return {
    userId: readMember(object, 'userId', isValidUserId, 'INVALID_KEY_BLOB'),
    audience: readMember(object, 'audience', isValidOrigin, 'INVALID_KEY_BLOB'),
    credentialId,
    publicKey,
    createdAt: readMember(object, 'createdAt', isInstant, 'INVALID_KEY_BLOB'),
    slots: parseSlots(member(object, 'slots')),
  };
}

/** The public key that a value claims, before anything else of it is checked. `null` if it claims none. */
export function publicKeyIn(value: unknown): Uint8Array | null {
  return decodeBase64url((value as { publicKey?: unknown } | null | undefined)?.publicKey, publicKeyLength);
}

/** The JSON of a record, with its members in the order of protocol section 6. */
export function formatVaultRecord(record: VaultRecord): JsonObject {
  return {
    zkpAuthVault: 2,
    userId: record.userId,
    audience: record.audience,
    credentialId: record.credentialId,
    publicKey: encodeBase64url(record.publicKey),
    createdAt: record.createdAt,
    slots: record.slots.map(formatSlot),
  };
}

function parseSlots(value: unknown): VaultSlot[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxSlots) {
    return fail(`There must be 1 to ${maxSlots} slots.`);
  }
  return value.map(parseSlot);
}

function parseSlot(value: unknown): VaultSlot {
  const slot = readObject(value, 'INVALID_KEY_BLOB');
  const kind = readMember(slot, 'kind', isString, 'INVALID_KEY_BLOB');
  if (kind === 'pin' || kind === 'passphrase') {
    const kdf = readObject(member(slot, 'kdf'), 'INVALID_KEY_BLOB');
    const parameters = { m: member(kdf, 'm'), t: member(kdf, 't'), p: member(kdf, 'p') };
    if (member(kdf, 'name') !== 'argon2id' || !isArgon2Parameters(parameters)) {
      return fail('The kdf is not Argon2id within its bounds.');
    }
    const pinForm = kind === 'pin' ? member(slot, 'pinForm') : undefined;
    if (pinForm !== undefined && pinForm !== 2) return { kind: 'unknown', json: slot };
    const oprf = member(slot, 'oprf');
    if (kind === 'passphrase' && oprf !== null) return fail('A passphrase slot has no oprf.');
    return {
      kind,
      kdf: { ...parameters, salt: readBytes(kdf, 'salt', saltLength, 'INVALID_KEY_BLOB') },
      pinId:
        oprf === null
          ? null
          : readBytes(readObject(oprf, 'INVALID_KEY_BLOB'), 'pinId', pinIdLength, 'INVALID_KEY_BLOB'),
      ...readWrapping(slot),
      ...(pinForm === undefined ? {} : { pinForm }),
    };
  }
  if (kind === 'passkey') {
    const passkeyId = decodeBase64url(member(slot, 'passkeyId'));
    if (passkeyId === null || passkeyId.length === 0 || passkeyId.length > maxPasskeyIdLength) {
      return fail('A passkey slot has no valid passkeyId.');
    }
    const salt = readBytes(slot, 'salt', passkeySaltLength, 'INVALID_KEY_BLOB');
    return { kind, passkeyId, salt, ...readWrapping(slot), ...readTransports(slot) };
  }
  return { kind: 'unknown', json: slot };
}

function readWrapping(slot: JsonObject): { iv: Uint8Array; ct: Uint8Array } {
  return {
    iv: readBytes(slot, 'iv', ivLength, 'INVALID_KEY_BLOB'),
    ct: readBytes(slot, 'ct', wrappedSecretLength, 'INVALID_KEY_BLOB'),
  };
}

/** The transports are a hint only. Unreadable ones are left out. */
function readTransports(slot: JsonObject): { transports?: string[] } {
  const value = member(slot, 'transports');
  if (!Array.isArray(value)) return {};
  const named = value.filter((name): name is string => isString(name) && transportName.test(name));
  return named.length === 0 ? {} : { transports: named.slice(0, maxTransports) };
}

function formatSlot(slot: VaultSlot): JsonObject {
  if (slot.kind === 'unknown') return slot.json;
  const wrapping = { iv: encodeBase64url(slot.iv), ct: encodeBase64url(slot.ct) };
  if (slot.kind === 'passkey') {
    const { kind, passkeyId, salt, transports } = slot;
    return {
      kind,
      passkeyId: encodeBase64url(passkeyId),
      salt: encodeBase64url(salt),
      ...wrapping,
      ...(transports === undefined ? {} : { transports }),
    };
  }
  const { m, t, p, salt } = slot.kdf;
  return {
    kind: slot.kind,
    kdf: { name: 'argon2id', m, t, p, salt: encodeBase64url(salt) },
    oprf: slot.pinId === null ? null : { pinId: encodeBase64url(slot.pinId) },
    ...wrapping,
    ...(slot.pinForm === undefined ? {} : { pinForm: slot.pinForm }),
  };
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && isoInstant.test(value) && !Number.isNaN(Date.parse(value));
}

function inRange(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function fail(message: string): never {
  throw new ZkpAuthError('INVALID_KEY_BLOB', message);
}
