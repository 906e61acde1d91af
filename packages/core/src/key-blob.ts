import { sha256 } from '#sha256';
import { hexToBytes } from '@noble/hashes/utils.js';
import { decodeBase64, encodeBase64url } from './base64url.js';
import { withoutByteOrderMark } from './byte-order-mark.js';
import { encodeUtf8 } from './bytes.js';
import { credentialIdOf, credentialIdOfAsync } from './credential-id.js';
import { sha256Async } from './sha256-async.js';
import { ZkpAuthError } from './zkp-auth-error.js';
import {
  formatVaultRecord,
  ivLength,
  maxArgon2Cost,
  publicKeyIn,
  readVaultRecord,
  saltLength,
  type VaultRecord,
  type VaultSlot,
  wrappedSecretLength,
} from './vault-record.js';
import { type JsonObject, member, readObject } from './wire/members.js';

/** Longer than any key blob. A longer text is not read. */
export const maxBlobCharacters = 65_536;
/** The most slots of a blob that open by Argon2id. This client writes one. */
const maxDerivedSlots = 8;
const checkLength = 16;
const lowerCaseKey = /^[0-9a-f]{64}$/;
const recordMembers = new Set([
  'zkpAuthVault',
  'userId',
  'audience',
  'credentialId',
  'publicKey',
  'createdAt',
  'slots',
  'check',
]);

/** A key as the first generation exported it, one secret wrapped under the PIN alone. */
export interface VersionOneBlob {
  publicKey: Uint8Array;
  salt: Uint8Array;
  iv: Uint8Array;
  ct: Uint8Array;
}

export type KeyBlob = { version: 2; record: VaultRecord } | { version: 1; blob: VersionOneBlob };

/** A vault record as text to keep elsewhere, with a checksum against damage. */
export function formatKeyBlob(record: VaultRecord): string {
  return blobWith(record, checkIn(sha256(coveredBy(record))));
}

/** {@link formatKeyBlob} with the SHA-256 of Web Crypto. */
export async function formatKeyBlobAsync(record: VaultRecord): Promise<string> {
  return blobWith(record, checkIn(await sha256Async(coveredBy(record))));
}

function blobWith(record: VaultRecord, check: string): string {
  return `${JSON.stringify({ ...formatVaultRecord(record), check }, null, 2)}\n`;
}

/**
 * Read a key blob, and check everything that can be checked without a PIN. If it has a checksum, the checksum finds
 * damage before any PIN is tried. It does not protect against an attacker.
 *
 * @throws {@link ZkpAuthError} `INVALID_KEY_BLOB`, with a sentence about the fault.
 */
export function parseKeyBlob(text: string): KeyBlob {
  const object = readObject(parseJson(text), 'INVALID_KEY_BLOB');
  if (isVersionOne(object)) return { version: 1, blob: parseVersionOne(object) };
  const record = readRecord(object, credentialIdOf);
  assertUndamaged(object, checkIn(sha256(coveredBy(record))));
  return { version: 2, record };
}

/** {@link parseKeyBlob} with the SHA-256 of Web Crypto. @throws as `parseKeyBlob` does, by rejecting. */
export async function parseKeyBlobAsync(text: string): Promise<KeyBlob> {
  const object = readObject(parseJson(text), 'INVALID_KEY_BLOB');
  if (isVersionOne(object)) return { version: 1, blob: parseVersionOne(object) };
  const publicKey = publicKeyIn(object);
  const credentialId = publicKey === null ? '' : await credentialIdOfAsync(publicKey);
  const record = readRecord(object, () => credentialId);
  assertUndamaged(object, checkIn(await sha256Async(coveredBy(record))));
  return { version: 2, record };
}

function isVersionOne(object: JsonObject): boolean {
  return member(object, 'version') === 1;
}

function readRecord(object: JsonObject, idOf: (publicKey: Uint8Array) => string): VaultRecord {
  const record = readVaultRecord(object, idOf);
  if (!Object.keys(object).every((name) => recordMembers.has(name)) || !hasKnownSlotMembers(object, record)) {
    throw damaged('A member of the key file does not belong there.');
  }
  assertCheap(record);
  return record;
}

function assertUndamaged(object: JsonObject, expected: string): void {
  const check = member(object, 'check');
  if (check !== undefined && check !== expected) throw damaged('The key file is damaged.');
}

function parseVersionOne(object: Readonly<Record<string, unknown>>): VersionOneBlob {
  const hex = member(object, 'pubKeyHex');
  const publicKey = typeof hex === 'string' && lowerCaseKey.test(hex) ? hexToBytes(hex) : null;
  const salt = decodeBase64(member(object, 'saltB64'), saltLength);
  const iv = decodeBase64(member(object, 'ivB64'), ivLength);
  const ct = decodeBase64(member(object, 'ctB64'), wrappedSecretLength);
  if (publicKey === null || salt === null || iv === null || ct === null) {
    throw damaged('This is not a whole version 1 key.');
  }
  return { publicKey, salt, iv, ct };
}

/** Whether reading kept every member of every slot. Reading drops an optional member if its name is damaged. */
function hasKnownSlotMembers(object: JsonObject, record: VaultRecord): boolean {
  const written = formatVaultRecord(record)['slots'] as JsonObject[];
  const read = object['slots'] as JsonObject[];
  return read.every((slot, i) => Object.keys(slot).every((name) => Object.hasOwn(written[i] ?? {}, name)));
}

/** A stranger's file must not keep this device busy for minutes, since opening it may try each of these slots. */
function assertCheap({ slots }: VaultRecord): void {
  const costs = slots.flatMap((slot) => ('kdf' in slot ? [slot.kdf.m * slot.kdf.t] : []));
  const cost = costs.reduce((sum, each) => sum + each, 0);
  if (costs.length > maxDerivedSlots || cost > maxArgon2Cost) {
    throw damaged('Opening this key file would cost too much.');
  }
}

/** The checksum leaves `pinForm` out, so that readers without that member agree. The member has one value only. */
function coveredBy(record: VaultRecord): Uint8Array {
  const covered = formatVaultRecord({ ...record, slots: record.slots.map(withoutPinForm) });
  return encodeUtf8(JSON.stringify(covered));
}

function checkIn(digest: Uint8Array): string {
  return encodeBase64url(digest.subarray(0, checkLength));
}

function withoutPinForm(slot: VaultSlot): VaultSlot {
  if (slot.kind !== 'pin') return slot;
  const { pinForm: _, ...rest } = slot;
  return rest;
}

function parseJson(text: string): unknown {
  if (typeof text !== 'string') throw new TypeError('a key blob is a string');
  if (text.length > maxBlobCharacters) throw damaged('The key file is too large.');
  try {
    return JSON.parse(withoutByteOrderMark(text)) as unknown;
  } catch (cause) {
    throw new ZkpAuthError('INVALID_KEY_BLOB', undefined, { cause });
  }
}

function damaged(message: string): ZkpAuthError {
  return new ZkpAuthError('INVALID_KEY_BLOB', message);
}
