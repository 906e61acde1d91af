import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes, decodeBase64url, encodeBase64url, randomBytes } from '@zkp-auth/core';
import type { MasterKey } from './master-keys.js';

/** An encrypted text. */
export interface Ciphertext {
  /** 12 bytes in base64url, random. */
  iv: string;
  /** Ciphertext followed by the tag of 16 bytes, in base64url. */
  ct: string;
}

const cipher = 'aes-256-gcm';
const ivLength = 12;
const tagLength = 16;

/**
 * Encrypt a text under a master key (AES-256-GCM, NIST SP 800-38D).
 *
 * @param additionalData names the format and the use of the text. The text decrypts only with the same bytes.
 */
export function encryptText(text: string, { bytes }: MasterKey, additionalData: Uint8Array): Ciphertext {
  const iv = randomBytes(ivLength);
  const sealing = createCipheriv(cipher, bytes, iv, { authTagLength: tagLength }).setAAD(additionalData);
  const ct = concatBytes(sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag());
  return { iv: encodeBase64url(iv), ct: encodeBase64url(ct) };
}

/** Decrypt a text of {@link encryptText}; `null` if any byte of it or of the additional data was changed. */
export function decryptText(
  { iv, ct }: Ciphertext,
  { bytes }: MasterKey,
  additionalData: Uint8Array,
): string | null {
  const ivBytes = decodeBase64url(iv, ivLength);
  const ctBytes = decodeBase64url(ct);
  if (ivBytes === null || ctBytes === null || ctBytes.length < tagLength) return null;
  try {
    const opening = createDecipheriv(cipher, bytes, ivBytes, { authTagLength: tagLength })
      .setAAD(additionalData)
      .setAuthTag(ctBytes.subarray(-tagLength));
    return Buffer.concat([opening.update(ctBytes.subarray(0, -tagLength)), opening.final()]).toString('utf8');
  } catch {
    return null;
  }
}
