import { decodeBase64url } from '@zkp-auth/core';
import { calculateThumbprint, generateKeyPair } from 'dpop';

/** The key of one session. Its private half cannot leave the browser, not even to this page's own scripts. */
export interface SessionKey {
  keyPair: CryptoKeyPair;
  /** RFC 7638, 32 bytes. */
  thumbprint: Uint8Array;
}

/** A new P-256 key, not extractable. */
export async function generateSessionKey(): Promise<SessionKey> {
  const keyPair = await generateKeyPair('ES256');
  return { keyPair, thumbprint: await thumbprintOf(keyPair) };
}

/** RFC 7638, 32 bytes. */
export async function thumbprintOf(keyPair: CryptoKeyPair): Promise<Uint8Array> {
  return decodeBase64url(await calculateThumbprint(keyPair.publicKey)) as Uint8Array;
}
