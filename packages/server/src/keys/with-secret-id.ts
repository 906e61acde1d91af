import { createHash } from 'node:crypto';
import { concatBytes, encodeBase64url } from '@zkp-auth/core';

const idLength = 16;

/**
 * A secret with its id, 16 bytes in base64url. The id is the beginning of SHA-256 of `label ‖ bytes`, so that a wrong
 * secret never has a right id.
 *
 * @param label names the use of the secret. The same secret has another id for another use.
 */
export function withSecretId(label: Uint8Array, bytes: Uint8Array): { id: string; bytes: Uint8Array } {
  const digest = createHash('sha256').update(concatBytes(label, bytes)).digest();
  return { id: encodeBase64url(digest.subarray(0, idLength)), bytes };
}
