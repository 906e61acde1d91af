import { Point } from '../src/curve.js';

// Encodings that a careless verifier accepts. The small-order points come from RFC 8032 arithmetic on y of order 8.

/** A point of order 8. */
const torsion8 = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', false);

/** The canonical encodings of the eight points whose order divides 8, the identity among them. */
export const smallOrderKeys: Uint8Array[] = Array.from({ length: 8 }, (_, i) =>
  (i === 0 ? Point.ZERO : torsion8.multiplyUnsafe(BigInt(i))).toBytes(),
);

/** Encodings with y >= p, or with a sign bit on x = 0. */
export const nonCanonicalKeys: Uint8Array[] = [
  // y = p + n for small n, both sign bits.
  ...Array.from({ length: 19 }, (_, n) => littleEndian(Point.Fp.ORDER + BigInt(n))),
  ...Array.from({ length: 19 }, (_, n) => withSignBit(littleEndian(Point.Fp.ORDER + BigInt(n)))),
  withSignBit(Point.ZERO.toBytes()),
  withSignBit(littleEndian(Point.Fp.ORDER - 1n)),
];

/** `point` plus a point of order 8. The sum is on the curve and canonical, and not in the prime-order subgroup. */
export function mixOrder(encoded: Uint8Array, i = 1): Uint8Array {
  return Point.fromBytes(encoded, false)
    .add(torsion8.multiplyUnsafe(BigInt(i)))
    .toBytes();
}

export function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function withSignBit(encoded: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(encoded);
  copy[31] = (copy[31] as number) | 0x80;
  return copy;
}
