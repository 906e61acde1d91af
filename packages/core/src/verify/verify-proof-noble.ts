import { encodeBase64url } from '../base64url.js';
import { bytesToScalar, hashToScalar, Point } from '../curve.js';
import { BoundedCache } from './bounded-cache.js';
import { decodePoint, decodePublicKey } from './decode-public-key.js';
import { splitProof } from './split-proof.js';

const validatedKeys = new BoundedCache<Point>(1_024);

/**
 * Whether `proof` shows knowledge of the secret key of `publicKey` over `message` (protocol section 1). It checks
 * the cofactorless equation `s·B = R + c·X` on strictly decoded points. This build computes in JavaScript. Under
 * Node the same name verifies natively, with the same verdict on every input.
 *
 * @param publicKey 32 bytes.
 * @param message exactly 32 bytes, from {@link buildMessage}.
 * @param proof 64 bytes.
 * @returns `false` for any bad bytes of `publicKey` or `proof`.
 * @throws `TypeError` unless all are `Uint8Array`s and the message is 32 bytes.
 */
export function verifyProof(publicKey: Uint8Array, message: Uint8Array, proof: Uint8Array): boolean {
  const parts = splitProof(publicKey, message, proof);
  if (parts === null) return false;
  const X = validatedPoint(publicKey);
  const R = decodePoint(parts.R);
  if (X === null || R === null) return false;
  const c = hashToScalar(parts.R, publicKey, message);
  return Point.BASE.multiplyUnsafe(bytesToScalar(parts.s)).equals(R.add(X.multiplyUnsafe(c)));
}

/** {@link verifyProof} as a promise. This build has no other thread, and the build for Node has one. */
export async function verifyProofAsync(
  publicKey: Uint8Array,
  message: Uint8Array,
  proof: Uint8Array,
): Promise<boolean> {
  return verifyProof(publicKey, message, proof);
}

/**
 * Whether a public key may be registered. It must be canonical, on the curve, of prime order, and not the identity.
 */
export function isValidPublicKey(publicKey: Uint8Array): boolean {
  return validatedPoint(publicKey) !== null;
}

function validatedPoint(publicKey: Uint8Array): Point | null {
  const key = encodeBase64url(publicKey);
  const known = validatedKeys.get(key);
  if (known !== undefined) return known;
  const point = decodePublicKey(publicKey);
  if (point !== null) validatedKeys.set(key, point);
  return point;
}
