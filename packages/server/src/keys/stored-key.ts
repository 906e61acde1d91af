import { randomBytes } from '@zkp-auth/core';
import {
  calculateJwkThumbprint,
  CompactSign,
  compactVerify,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { SigningAlgorithm, SigningKey } from './key-ring.js';

/** A key pair in its stored form and ready for use. */
export interface StoredKey {
  /** The private key, with `kid` and `alg`. */
  jwk: JWK;
  key: SigningKey;
}

/** RFC 8037 and 9864 for Ed25519, RFC 7518 for ES256. */
const shapes = {
  Ed25519: { kty: 'OKP', crv: 'Ed25519', coordinates: ['x'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', coordinates: ['x'] },
  ES256: { kty: 'EC', crv: 'P-256', coordinates: ['x', 'y'] },
} as const;

/** The algorithms of access tokens. */
export const signingAlgorithms: readonly SigningAlgorithm[] = ['Ed25519', 'EdDSA', 'ES256'];

/** Whether a value names an algorithm that access tokens may be signed with. */
export function isSigningAlgorithm(value: unknown): value is SigningAlgorithm {
  return signingAlgorithms.some((alg) => alg === value);
}

/** Generate a key pair. */
export async function generateStoredKey(alg: SigningAlgorithm): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return importStoredKey(await withId(await exportJWK(privateKey), alg));
}

/** The same JWK with its algorithm and its id, which is its RFC 7638 thumbprint. */
export async function withId(jwk: JWK, alg: SigningAlgorithm): Promise<JWK> {
  return { ...jwk, alg, kid: await calculateJwkThumbprint(jwk) };
}

/**
 * Import a stored key, and check that it is whole. Its id has to be its own, and its public half has to verify a
 * signature of its private half.
 *
 * @throws {@link ZkpAuthError} `KEY_RING_INVALID`.
 */
export async function importStoredKey(jwk: JWK): Promise<StoredKey> {
  const { alg } = jwk;
  if (!isSigningAlgorithm(alg)) throw keyRingInvalid('a key is of an unknown algorithm');
  const stored = { ...publicJwkOf(jwk), d: jwk.d } as JWK;
  const key = await importPair(stored, alg).catch((cause: unknown) => {
    throw keyRingInvalid('a key is not one pair of its algorithm', cause);
  });
  if (jwk.kid !== key.kid) throw keyRingInvalid('a key stands under an id that is not its own');
  return { jwk: stored, key };
}

/** The public members of a stored key. */
export function publicJwkOf(jwk: JWK): JWK {
  const { kid, alg } = jwk;
  const { kty, crv, coordinates } = shapes[alg as SigningAlgorithm];
  return { kty, crv, ...Object.fromEntries(coordinates.map((name) => [name, jwk[name]])), kid, alg } as JWK;
}

async function importPair(jwk: JWK, alg: SigningAlgorithm): Promise<SigningKey> {
  const publicJwk = publicJwkOf(jwk);
  const privateKey = await importKey(jwk, alg);
  const publicKey = await importKey(publicJwk, alg);
  const signed = await new CompactSign(randomBytes(32)).setProtectedHeader({ alg }).sign(privateKey);
  await compactVerify(signed, publicKey, { algorithms: [alg] });
  return { kid: await calculateJwkThumbprint(publicJwk), alg, privateKey, publicKey };
}

async function importKey(jwk: JWK, alg: SigningAlgorithm): Promise<CryptoKey> {
  const key = await importJWK(jwk, alg, { extractable: true });
  if (key instanceof Uint8Array) throw new TypeError('not a key pair');
  return key;
}
