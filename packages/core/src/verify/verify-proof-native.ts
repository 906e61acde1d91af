import { Buffer } from 'node:buffer';
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { BoundedCache } from './bounded-cache.js';
import { decodePublicKey } from './decode-public-key.js';
import { splitProof } from './split-proof.js';

/** RFC 8410 section 4: the SubjectPublicKeyInfo of an Ed25519 key is this prefix and its 32 bytes. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const verifyOnPool = promisify(verify);
const validatedKeys = new BoundedCache<KeyObject>(16_384);

/**
 * Whether `proof` shows knowledge of the secret key of `publicKey` over `message` (protocol section 1). The
 * equation is that of an Ed25519 signature, so OpenSSL checks it at native speed. Its releases disagree on identity
 * `R`, small-order keys and `s >= L`, so these are checked here first. The strict validation of a key is cached, so
 * a known credential pays for it once.
 *
 * @param publicKey 32 bytes.
 * @param message exactly 32 bytes, from {@link buildMessage}.
 * @param proof 64 bytes.
 * @returns `false` for any bad bytes of `publicKey` or `proof`.
 * @throws `TypeError` unless all are `Uint8Array`s and the message is 32 bytes.
 */
export function verifyProof(publicKey: Uint8Array, message: Uint8Array, proof: Uint8Array): boolean {
  if (splitProof(publicKey, message, proof) === null) return false;
  const key = validatedKey(publicKey);
  return key !== null && verify(null, message, key, proof);
}

/**
 * {@link verifyProof} on another thread. The event loop stays free, and one process uses more than one core.
 *
 * @throws as `verifyProof` does, by rejecting.
 */
export async function verifyProofAsync(
  publicKey: Uint8Array,
  message: Uint8Array,
  proof: Uint8Array,
): Promise<boolean> {
  if (splitProof(publicKey, message, proof) === null) return false;
  const key = validatedKey(publicKey);
  return key !== null && verifyOnPool(null, message, key, proof);
}

/**
 * Whether a public key may be registered. It must be canonical, on the curve, of prime order, and not the identity.
 */
export function isValidPublicKey(publicKey: Uint8Array): boolean {
  return validatedKey(publicKey) !== null;
}

function validatedKey(publicKey: Uint8Array): KeyObject | null {
  const bytes = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength);
  const cacheKey = bytes.toString('latin1');
  const known = validatedKeys.get(cacheKey);
  if (known !== undefined) return known;
  if (decodePublicKey(publicKey) === null) return null;
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: 'der', type: 'spki' });
  validatedKeys.set(cacheKey, key);
  return key;
}
