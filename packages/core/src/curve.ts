import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from './bytes.js';
import { digestToScalar } from './edwards25519.js';

/** edwards25519 (RFC 8032 section 5.1), with noble's faster decoding of points. */
export const Point: typeof ed25519.Point = ed25519.Point;
export type Point = InstanceType<typeof Point>;

/** `int_LE(bytes) mod L` for a SHA-512 digest over the parts. */
export function hashToScalar(...parts: Uint8Array[]): bigint {
  return digestToScalar(sha512(concatBytes(...parts)));
}

export { bytesToScalar, groupOrder, scalarToBytes } from './edwards25519.js';
