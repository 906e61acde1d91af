import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from './bytes.js';

/** edwards25519, RFC 8032 section 5.1. */
export const Point: typeof ed25519.Point = ed25519.Point;
export type Point = InstanceType<typeof Point>;

/** `L`, the prime order of the base point. */
export const groupOrder: bigint = Point.Fn.ORDER;

/** `int_LE(bytes) mod L` for a SHA-512 digest over the parts. */
export function hashToScalar(...parts: Uint8Array[]): bigint {
  return bytesToNumberLE(sha512(concatBytes(...parts))) % groupOrder;
}

/** 32 bytes, little-endian. */
export function scalarToBytes(scalar: bigint): Uint8Array {
  return numberToBytesLE(scalar, 32);
}

export function bytesToScalar(bytes: Uint8Array): bigint {
  return bytesToNumberLE(bytes);
}
