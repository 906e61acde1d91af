import {
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  randomBytes,
  withoutByteOrderMark,
} from '@zkp-auth/core';
import { isCount } from '../checked-integer.js';
import { type Ciphertext, decryptText, encryptText } from './encrypt-text.js';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { MasterKey } from './master-keys.js';
import { parseRingJson } from './ring-content.js';

/** The identity of a sealed ring, and how often it was written. The higher of two generations is the newer. */
export interface SealMark {
  /** 16 random bytes in base64url, drawn when the ring was first sealed. */
  ringId: string;
  /** Counts from 1. */
  generation: number;
}

/** The use that a text is sealed for. It does not open for another one. */
export interface SealBinding extends SealMark {
  /** The name of the store, or the name that the application passes. */
  name: string;
}

interface SealedText extends SealBinding, Ciphertext {
  zkpAuthSealedKeys: 2;
  masterKeyId: string;
}

/** From releases that did not bind a seal to a name or a ring. */
type SealedText1 = Pick<SealedText, 'masterKeyId' | 'iv' | 'ct'> & { zkpAuthSealedKeys: 1 };

/** A decrypted text. `mark` is `null` for a text of version 1. */
export interface OpenedText {
  text: string;
  mark: SealMark | null;
}

const ringIdLength = 16;
const label1 = 'zkp-auth/sealed-keys/1';
const label2 = 'zkp-auth/sealed-keys/2';

/** The mark of a ring that replaces another one, or that is sealed for the first time. */
export function nextMark(previous: SealMark | null): SealMark {
  if (previous === null) return { ringId: encodeBase64url(randomBytes(ringIdLength)), generation: 1 };
  return { ringId: previous.ringId, generation: previous.generation + 1 };
}

/** Encrypt a text under a master key, bound to its use. */
export function sealText(text: string, masterKey: MasterKey, binding: SealBinding): string {
  const ciphertext = encryptText(text, masterKey, boundTo(binding));
  return format2({ ...binding, masterKeyId: masterKey.id, ...ciphertext });
}

/**
 * Decrypt a text of {@link sealText}, from this release or an earlier one.
 *
 * @throws {@link ZkpAuthError} `KEY_RING_INVALID` if none of the master keys opens it, if it is sealed under another
 * name, or if any byte was changed.
 */
export function openSealedText(sealed: string, masterKeys: readonly MasterKey[], name: string): OpenedText {
  const parsed = parseRingJson(sealed) as Partial<SealedText>;
  const { masterKeyId = '', iv = '', ct = '', ringId = '', generation = 0, name: bound = '' } = parsed;
  const binding = { name: bound, ringId, generation };
  const written = withoutByteOrderMark(sealed);
  const isBound = written === format2({ ...binding, masterKeyId, iv, ct });
  if (!isBound && written !== format1({ zkpAuthSealedKeys: 1, masterKeyId, iv, ct })) {
    throw keyRingInvalid('it is not a sealed ring of version 1 or 2, or damaged');
  }
  const masterKey = masterKeys.find(({ id }) => id === masterKeyId);
  if (masterKey === undefined) {
    throw keyRingInvalid('it is sealed under another master key than those of ZKP_AUTH_MASTER_KEY');
  }
  if (!isBound) return { text: decrypt({ iv, ct }, masterKey, encodeUtf8(label1)), mark: null };
  if (bound !== name) {
    throw keyRingInvalid(
      `it is sealed under the name ${JSON.stringify(bound)} and is to be opened under ${JSON.stringify(name)}. Another ring was put in its place, or the "name" of openKeyRing or of its store has changed`,
    );
  }
  if (decodeBase64url(ringId, ringIdLength) === null || !isCount(generation) || generation === 0) {
    throw keyRingInvalid('it is damaged');
  }
  return { text: decrypt({ iv, ct }, masterKey, boundTo(binding)), mark: { ringId, generation } };
}

function decrypt(ciphertext: Ciphertext, masterKey: MasterKey, additionalData: Uint8Array): string {
  const text = decryptText(ciphertext, masterKey, additionalData);
  if (text === null) throw keyRingInvalid('it is damaged');
  return text;
}

/** Whether a text is a sealed ring, of any version. */
export function isSealed(text: string): boolean {
  return Object.hasOwn(parseRingJson(text), 'zkpAuthSealedKeys');
}

/** Whether it is sealed under this master key and in the present format. */
export function isSealedAsNow(text: string, { id }: MasterKey): boolean {
  const { masterKeyId, zkpAuthSealedKeys } = parseRingJson(text) as Partial<SealedText>;
  return masterKeyId === id && zkpAuthSealedKeys === 2;
}

/** Additional data that is authenticated with the text: the format with its version, and the use. */
function boundTo({ name, ringId, generation }: SealBinding): Uint8Array {
  return encodeUtf8(JSON.stringify([label2, name, ringId, generation]));
}

function format1(text: SealedText1): string {
  return `${JSON.stringify(text, null, 2)}\n`;
}

function format2(text: Omit<SealedText, 'zkpAuthSealedKeys'>): string {
  const { name, ringId, generation, masterKeyId, iv, ct } = text;
  const ordered: SealedText = { zkpAuthSealedKeys: 2, name, ringId, generation, masterKeyId, iv, ct };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}
