import { hash, hkdfSync, type KeyObject } from 'node:crypto';
import { concatBytes, encodeUtf8, lengthPrefixed, wipe } from '@zkp-auth/core';
import type { OprfEvaluator } from './oprf-evaluator.js';

type Reduce = OprfEvaluator['reduce'];

const info = encodeUtf8('zkp-auth/pin/2');
const seedLength = 32;
const maxCounter = 255;
/** The lengths of SHA-512's input block and of its digest, in bytes. */
const [blockLength, digestLength] = [128, 64];
/** "DeriveKeyPair" and the context string of mode 0x00 (RFC 9497 section 3.1). */
const dst = concatBytes(
  encodeUtf8('DeriveKeyPair'),
  encodeUtf8('OPRFV1-'),
  Uint8Array.of(0x00),
  encodeUtf8('-ristretto255-SHA512'),
);
/** DST_prime (RFC 9380 section 5.3.1). */
const dstPrime = concatBytes(dst, Uint8Array.of(dst.length));

/**
 * The OPRF key of one pinId (protocol section 5). Nothing is cached, so the caller wipes the key after use.
 *
 * @param reduce the evaluator's.
 * @param secret the PIN secret, at least 32 bytes.
 * @param pinId 16 bytes.
 * @returns a scalar, 32 bytes little-endian.
 */
export function derivePinScalar(
  reduce: Reduce,
  secret: KeyObject | Uint8Array,
  pinId: Uint8Array,
): Uint8Array {
  const seed = new Uint8Array(hkdfSync('sha512', secret, pinId, info, seedLength));
  try {
    return deriveScalar(reduce, seed);
  } finally {
    wipe(seed);
  }
}

/**
 * The secret half of DeriveKeyPair (RFC 9497 section 3.2.1) for OPRF(ristretto255, SHA-512). The public half is left
 * out, because it would cost a multiplication, and nobody needs it. HashToScalar is expand_message_xmd (RFC 9380
 * section 5.3.1) to one digest of Node's own SHA-512, reduced to a scalar.
 *
 * @returns a function that derives scalars, 32 bytes little-endian, from seeds of 32 bytes. It reuses one layout of
 * its input.
 */
export function createScalarDeriver(keyInfo: Uint8Array): (reduce: Reduce, seed: Uint8Array) => Uint8Array {
  const zeroPad = new Uint8Array(blockLength);
  const message = concatBytes(new Uint8Array(seedLength), lengthPrefixed(keyInfo), Uint8Array.of(0));
  const first = concatBytes(zeroPad, message, Uint8Array.of(0, digestLength, 0), dstPrime);
  const second = concatBytes(new Uint8Array(digestLength), Uint8Array.of(1), dstPrime);
  const counterAt = blockLength + message.length - 1;
  return (reduce, seed) => {
    try {
      first.set(seed, blockLength);
      for (let counter = 0; counter <= maxCounter; counter++) {
        first[counterAt] = counter;
        second.set(hash('sha512', first, 'buffer'));
        const scalar = reduce(hash('sha512', second, 'buffer'));
        if (scalar.some((byte) => byte > 0)) return scalar;
      }
    } finally {
      wipe(first.subarray(blockLength, blockLength + seedLength), second.subarray(0, digestLength));
    }
    throw new Error('DeriveKeyPair found no scalar');
  };
}

const deriveScalar = createScalarDeriver(info);
