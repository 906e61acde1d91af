import { Point } from '../curve.js';
import { publicKeyLength } from '../lengths.js';

/**
 * The point of a public key that may be trusted to verify. It is canonical, on the curve, not the identity, and in
 * the prime-order subgroup. With a small-order key anyone can forge, and with a mixed-order one verifiers disagree.
 *
 * @returns `null` for anything else.
 */
export function decodePublicKey(publicKey: Uint8Array): Point | null {
  if (publicKey.length !== publicKeyLength) return null;
  const point = decodePoint(publicKey);
  return point !== null && !point.is0() && point.isTorsionFree() ? point : null;
}

/** A point in canonical encoding (RFC 8032 section 5.1.3, no ZIP 215 leniency), or `null`. */
export function decodePoint(bytes: Uint8Array): Point | null {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return null;
  }
}
