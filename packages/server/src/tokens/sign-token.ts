import { KeyObject, sign } from 'node:crypto';
import { encodeUtf8 } from '@zkp-auth/core';
import { createJWTSignatureMessage, encodeJWT } from '@oslojs/jwt';
import { CompactSign } from 'jose';
import type { SigningAlgorithm, SigningKey } from '../keys/key-ring.js';

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
  const signature = signatureOf(createJWTSignatureMessage(header, payload), alg, keyObjectOf(privateKey));
  return encodeJWT(header, payload, signature);
}

/** RFC 7518 section 3.4 and RFC 8037 section 3.1. Options beside the key cost Node.js half of an Ed25519 signature. */
function signatureOf(message: Uint8Array, alg: SigningAlgorithm, key: KeyObject): Uint8Array {
  return alg === 'ES256'
    ? sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
    : sign(null, message, key);
}

const keyObjects = new WeakMap<SigningKey['privateKey'], KeyObject>();

function keyObjectOf(privateKey: SigningKey['privateKey']): KeyObject {
  const known = keyObjects.get(privateKey);
  if (known !== undefined) return known;
  const keyObject = KeyObject.from(privateKey);
  keyObjects.set(privateKey, keyObject);
  return keyObject;
}
