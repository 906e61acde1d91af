import { createHash } from 'node:crypto';
import { concatBytes, encodeBase64url } from '@zkp-auth/core';

const idLength = 16;

/**
 * A secret under its id, 16 bytes in base64url: the beginning of SHA-256 of `label ‖ bytes`, so that a wrong secret
 * never stands under a right id.
 *
 * @param label what the secret is for: those of other uses have other ids.
 */
export function withSecretId(label: Uint8Array, bytes: Uint8Array): { id: string; bytes: Uint8Array } {
  const digest = createHash('sha256').update(concatBytes(label, bytes)).digest();
  return { id: encodeBase64url(digest.subarray(0, idLength)), bytes };
}
