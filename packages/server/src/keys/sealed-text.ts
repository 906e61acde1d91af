import { createCipheriv, createDecipheriv } from 'node:crypto';
import {
  concatBytes,
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  randomBytes,
  withoutByteOrderMark,
} from '@zkp-auth/core';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { MasterKey } from './master-keys.js';
import { parseRingJson } from './ring-content.js';

interface SealedText {
  zkpAuthSealedKeys: 1;
  masterKeyId: string;
  /** 12 bytes in base64url, random. */
  iv: string;
  /** Ciphertext, and the tag of 16 bytes behind it, in base64url. */
  ct: string;
}

const cipher = 'aes-256-gcm';
const ivLength = 12;
const tagLength = 16;
/** Authenticated with what is sealed: the format and its version. */
const additionalData = encodeUtf8('zkp-auth/sealed-keys/1');

/** Encrypt a text under a master key (AES-256-GCM, NIST SP 800-38D). */
export function sealText(text: string, { id, bytes }: MasterKey): string {
  const iv = randomBytes(ivLength);
  const sealing = createCipheriv(cipher, bytes, iv, { authTagLength: tagLength }).setAAD(additionalData);
  const ct = concatBytes(sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag());
  return format({
    zkpAuthSealedKeys: 1,
    masterKeyId: id,
    iv: encodeBase64url(iv),
    ct: encodeBase64url(ct),
  });
}

/**
 * Decrypt what {@link sealText} wrote.
 *
 * @throws {@link ZkpAuthError} `KEY_RING_INVALID` where none of the master keys opens it, or any byte is another.
 */
export function openSealedText(sealed: string, masterKeys: readonly MasterKey[]): string {
  const { masterKeyId = '', iv = '', ct = '' } = parseRingJson(sealed) as Partial<SealedText>;
  if (withoutByteOrderMark(sealed) !== format({ zkpAuthSealedKeys: 1, masterKeyId, iv, ct })) {
    throw keyRingInvalid('it is not a sealed ring of version 1, or damaged');
  }
  const masterKey = masterKeys.find(({ id }) => id === masterKeyId);
  if (masterKey === undefined) {
    throw keyRingInvalid('it is sealed under another master key than those of ZKP_AUTH_MASTER_KEY');
  }
  const ivBytes = decodeBase64url(iv, ivLength);
  const ctBytes = decodeBase64url(ct);
  if (ivBytes === null || ctBytes === null || ctBytes.length < tagLength) {
    throw keyRingInvalid('it is damaged');
  }
  try {
    const opening = createDecipheriv(cipher, masterKey.bytes, ivBytes, { authTagLength: tagLength })
      .setAAD(additionalData)
      .setAuthTag(ctBytes.subarray(-tagLength));
    return Buffer.concat([opening.update(ctBytes.subarray(0, -tagLength)), opening.final()]).toString('utf8');
  } catch (cause) {
    throw keyRingInvalid('it is damaged', cause);
  }
}

/** Whether a text is of a sealed ring, of any version. */
export function isSealed(text: string): boolean {
  return Object.hasOwn(parseRingJson(text), 'zkpAuthSealedKeys');
}

/** Whether it is sealed under this master key. */
export function isSealedUnder(text: string, { id }: MasterKey): boolean {
  return (parseRingJson(text) as Partial<SealedText>).masterKeyId === id;
}

function format(text: SealedText): string {
  return `${JSON.stringify(text, null, 2)}\n`;
}
