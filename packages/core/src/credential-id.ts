import { sha256 } from '#sha256';
import { encodeBase64url } from './base64url.js';
import { concatBytes, encodeUtf8 } from './bytes.js';

export const credentialIdLength = 16;

/**
 * The id of the credential that a public key makes, 16 bytes of SHA-256 in base64url, 22 characters (protocol
 * section 2).
 *
 * @param publicKey 32 bytes.
 */
export function credentialIdOf(publicKey: Uint8Array): string {
  const digest = sha256(concatBytes(encodeUtf8('zkp-auth/credential'), publicKey));
  return encodeBase64url(digest.subarray(0, credentialIdLength));
}
