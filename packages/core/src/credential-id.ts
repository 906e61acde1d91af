import { sha256 } from '#sha256';
import { encodeBase64url } from './base64url.js';
import { concatBytes, encodeUtf8 } from './bytes.js';
import { sha256Async } from './sha256-async.js';

export const credentialIdLength = 16;

/**
 * The id of the credential that a public key makes, 16 bytes of SHA-256 in base64url, 22 characters (protocol
 * section 2).
 *
 * @param publicKey 32 bytes.
 */
export function credentialIdOf(publicKey: Uint8Array): string {
  return textOf(sha256(inputOf(publicKey)));
}

/** {@link credentialIdOf} with the SHA-256 of Web Crypto. */
export async function credentialIdOfAsync(publicKey: Uint8Array): Promise<string> {
  return textOf(await sha256Async(inputOf(publicKey)));
}

function inputOf(publicKey: Uint8Array): Uint8Array {
  return concatBytes(encodeUtf8('zkp-auth/credential'), publicKey);
}

function textOf(digest: Uint8Array): string {
  return encodeBase64url(digest.subarray(0, credentialIdLength));
}
