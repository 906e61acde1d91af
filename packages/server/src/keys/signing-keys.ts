import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';

/** A key pair that signs access tokens with EdDSA (Ed25519). */
export interface SigningKey {
  /** The RFC 7638 thumbprint. */
  kid: string;
  alg: 'EdDSA';
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** What signs new tokens, and what is accepted. */
export interface SigningKeys {
  active: SigningKey;
  /** The active key among them. */
  accepted: readonly SigningKey[];
}

/**
 * Keys in this process's memory: for tests, or where tokens may end with the process.
 *
 * @example
 * ```ts
 * const auth = createZkpAuth({ origins, stores, keys: await generateSigningKeys() });
 * ```
 */
export async function generateSigningKeys(): Promise<SigningKeys> {
  const active = await importSigningKey(await generatePrivateJwk());
  return { active, accepted: [active] };
}

/** A new private key as a JWK. */
export async function generatePrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return exportJWK(privateKey);
}

/** @throws where the JWK is not a whole Ed25519 private key. */
export async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const { kty, crv, x, d } = jwk;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || typeof d !== 'string') {
    throw new TypeError('not an Ed25519 private key');
  }
  return {
    kid: await calculateJwkThumbprint({ kty, crv, x }),
    alg: 'EdDSA',
    privateKey: await importCryptoKey({ kty, crv, x, d }),
    publicKey: await importCryptoKey({ kty, crv, x }),
  };
}

async function importCryptoKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'EdDSA');
  if (key instanceof Uint8Array) throw new TypeError('not an Ed25519 key');
  return key;
}
