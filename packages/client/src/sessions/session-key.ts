import { decodeBase64url } from '@zkp-auth/core';
import { calculateThumbprint } from 'dpop';

/** The key of one session. Its private half cannot leave the browser, not even to this page's own scripts. */
export interface SessionKey {
  keyPair: CryptoKeyPair;
  /** RFC 7638 thumbprint, 32 bytes. */
  thumbprint: Uint8Array;
}

/** A new P-256 key that cannot be extracted. */
export async function generateSessionKey(): Promise<SessionKey> {
  const keyPair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  return { keyPair, thumbprint: await thumbprintOf(keyPair) };
}

/** RFC 7638 thumbprint, 32 bytes. */
export async function thumbprintOf(keyPair: CryptoKeyPair): Promise<Uint8Array> {
  return decodeBase64url(await calculateThumbprint(keyPair.publicKey)) as Uint8Array;
}
