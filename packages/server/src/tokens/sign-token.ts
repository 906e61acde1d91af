import { KeyObject, sign } from 'node:crypto';
import { encodeUtf8 } from '@zkp-auth/core';
import { createJWTSignatureMessage, encodeJWT } from '@oslojs/jwt';
import { CompactSign } from 'jose';
import type { SigningAlgorithm, SigningKey } from '../keys/key-ring.js';

/** The hash that Node's `sign` takes. Ed25519 has its own. */
const hashes: Record<SigningAlgorithm, string | null> = { Ed25519: null, EdDSA: null, ES256: 'sha256' };

/**
 * A JWT over these claims. Web Crypto signs on another thread, which costs more than the signature itself. So a key that
 * may leave Web Crypto signs at once.
 *
 * @param typ the header's `typ`.
 */
export async function signToken(
  { kid, alg, privateKey }: SigningKey,
  typ: string,
  claims: object,
): Promise<string> {
  const payload = JSON.stringify(claims);
  if (!privateKey.extractable) {
    return new CompactSign(encodeUtf8(payload)).setProtectedHeader({ alg, kid, typ }).sign(privateKey);
  }
  const header = JSON.stringify({ alg, kid, typ });
  const key = { key: keyObjectOf(privateKey), dsaEncoding: 'ieee-p1363' } as const;
  return encodeJWT(header, payload, sign(hashes[alg], createJWTSignatureMessage(header, payload), key));
}

const keyObjects = new WeakMap<SigningKey['privateKey'], KeyObject>();

function keyObjectOf(privateKey: SigningKey['privateKey']): KeyObject {
  const known = keyObjects.get(privateKey);
  if (known !== undefined) return known;
  const keyObject = KeyObject.from(privateKey);
  keyObjects.set(privateKey, keyObject);
  return keyObject;
}
