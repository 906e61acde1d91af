import { edwards, type EdwardsPointCons } from '@noble/curves/abstract/edwards.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';

const p = 2n ** 255n - 19n;

/** `L`, the prime order of the base point. */
export const groupOrder: bigint = /* @__PURE__ */ BigInt(
  '0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed',
);

/**
 * edwards25519 (RFC 8032 section 5.1), in noble's arithmetic. noble's own `ed25519` brings EdDSA and SHA-512 with it. The
 * vault worker uses neither and would have to download both. The numbers are texts, as noble has them, because a minifier
 * makes decimals of literals, and gzip does not find those in noble's.
 */
export const Point: EdwardsPointCons = /* @__PURE__ */ edwards({
  p,
  n: groupOrder,
  h: 8n,
  a: p - 1n,
  d: BigInt('0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3'),
  Gx: BigInt('0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a'),
  Gy: BigInt('0x6666666666666666666666666666666666666666666666666666666666666658'),
});

/** `scalar·B`, 32 bytes in canonical encoding. @throws `RangeError` for a scalar outside `[1, L)`. */
export function timesBase(scalar: bigint): Uint8Array {
  return Point.BASE.multiply(scalar).toBytes();
}

/** 64 bytes of a digest as a scalar: `int_LE(digest) mod L`. */
export function digestToScalar(digest: Uint8Array): bigint {
  return bytesToNumberLE(digest) % groupOrder;
}

/** 32 bytes, little-endian. */
export function scalarToBytes(scalar: bigint): Uint8Array {
  return numberToBytesLE(scalar, 32);
}

export function bytesToScalar(bytes: Uint8Array): bigint {
  return bytesToNumberLE(bytes);
}
