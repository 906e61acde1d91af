import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../src/bytes.js';
import { computeProof } from '../src/compute-proof.js';
import { bytesToScalar, groupOrder, hashToScalar, Point, scalarToBytes } from '../src/curve.js';
import { generateKeyPair, secretScalar } from '../src/generate-key-pair.js';
import * as native from '../src/verify/verify-proof-native.js';
import * as noble from '../src/verify/verify-proof-noble.js';
import { littleEndian, mixOrder, nonCanonicalKeys, smallOrderKeys } from './odd-points.js';

const { secretKey, publicKey } = generateKeyPair();
const x = secretScalar(secretKey);
const message = Uint8Array.from({ length: 32 }, (_, i) => i);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const L = groupOrder;

function verdict(X: Uint8Array, m: Uint8Array, proof: Uint8Array): boolean {
  const verdicts = [native.verifyProof(X, m, proof), noble.verifyProof(X, m, proof)];
  expect(verdicts[0], 'the native and the noble verifier disagree').toBe(verdicts[1]);
  return verdicts[0] as boolean;
}

/** A proof for the equation with a chosen R. A verifier that skips the checks on R accepts it. */
function proofWith(R: Uint8Array, r: bigint, X: Uint8Array = publicKey, secret: bigint = x): Uint8Array {
  const c = hashToScalar(R, X, message);
  return concatBytes(R, scalarToBytes((((r + c * secret) % L) + L) % L));
}

describe('the two verifiers give one verdict', () => {
  it('true for every valid proof', () => {
    fc.assert(
      fc.property(bytes32, (m) => {
        const pair = generateKeyPair();
        expect(verdict(pair.publicKey, m, computeProof(pair.secretKey, m))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('false for a valid proof with any one bit flipped, in key, message or proof', () => {
    const proof = computeProof(secretKey, message);
    fc.assert(
      fc.property(fc.constantFrom('key', 'message', 'proof'), fc.nat(511), (where, bit) => {
        const flip = (bytes: Uint8Array): Uint8Array => {
          const copy = Uint8Array.from(bytes);
          const at = (bit >>> 3) % copy.length;
          copy[at] = (copy[at] as number) ^ (1 << (bit & 7));
          return copy;
        };
        expect(
          verdict(
            where === 'key' ? flip(publicKey) : publicKey,
            where === 'message' ? flip(message) : message,
            where === 'proof' ? flip(proof) : proof,
          ),
        ).toBe(false);
      }),
      { numRuns: 250 },
    );
  });

  it('the same for arbitrary bytes of any length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        bytes32,
        fc.uint8Array({ maxLength: 70 }),
        (X, m, proof) => {
          expect(verdict(X, m, proof)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('the same for arbitrary 32-byte keys under arbitrary 64-byte proofs', () => {
    fc.assert(
      fc.property(bytes32, bytes32, bytes32, bytes32, (X, m, R, s) => {
        expect(verdict(X, m, concatBytes(R, s))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('false for every s >= L, though s - L would pass', () => {
    const proof = computeProof(secretKey, message);
    const s = bytesToScalar(proof.subarray(32));
    for (const unreduced of [s + L, L, L + 1n, 2n * L, 2n ** 252n + 2n ** 251n + s, 2n ** 256n - 1n]) {
      expect(verdict(publicKey, message, concatBytes(proof.subarray(0, 32), littleEndian(unreduced)))).toBe(
        false,
      );
    }
  });

  it('false for s = 0, with an honest R and with one of small order', () => {
    const honest = computeProof(secretKey, message).subarray(0, 32);
    for (const R of [honest, ...smallOrderKeys]) {
      for (const X of [publicKey, ...smallOrderKeys]) {
        expect(verdict(X, message, concatBytes(R, new Uint8Array(32)))).toBe(false);
      }
    }
  });

  it('false for the identity as R, in every encoding, though the equation holds', () => {
    expect(verdict(publicKey, message, proofWith(Point.ZERO.toBytes(), 0n))).toBe(false);
    for (const R of nonCanonicalKeys) expect(verdict(publicKey, message, proofWith(R, 0n))).toBe(false);
  });

  it('false for R of small or mixed order', () => {
    for (const R of smallOrderKeys) expect(verdict(publicKey, message, proofWith(R, 0n))).toBe(false);
    const r = 98_765n;
    const honest = Point.BASE.multiply(r).toBytes();
    expect(verdict(publicKey, message, proofWith(honest, r))).toBe(true);
    for (let i = 1; i < 8; i++) {
      expect(verdict(publicKey, message, proofWith(mixOrder(honest, i), r))).toBe(false);
    }
  });

  it('false under every small-order key, for the forgery that s·B = R allows', () => {
    fc.assert(
      fc.property(fc.constantFrom(...smallOrderKeys), bytes32, fc.bigInt(1n, L - 1n), (X, m, r) => {
        const forged = concatBytes(Point.BASE.multiply(r).toBytes(), scalarToBytes(r));
        expect(verdict(X, m, forged)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('false under every mixed-order key, for proofs by the secret of its prime-order part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.bigInt(1n, L - 1n), (i, r) => {
        const X = mixOrder(publicKey, i);
        expect(verdict(X, message, proofWith(Point.BASE.multiply(r).toBytes(), r, X))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('false under every non-canonical key', () => {
    for (const X of nonCanonicalKeys) {
      expect(verdict(X, message, proofWith(Point.BASE.multiply(5n).toBytes(), 5n, X, 0n))).toBe(false);
    }
  });

  it('on whether a key may be registered', () => {
    const keys = [
      ...smallOrderKeys,
      ...nonCanonicalKeys,
      mixOrder(publicKey),
      new Uint8Array(32).fill(0xff),
      new Uint8Array(31),
      new Uint8Array(0),
    ];
    for (const X of keys) {
      expect(native.isValidPublicKey(X)).toBe(false);
      expect(noble.isValidPublicKey(X)).toBe(false);
    }
    expect(native.isValidPublicKey(publicKey)).toBe(true);
    expect(noble.isValidPublicKey(publicKey)).toBe(true);
  });

  it('TypeError for misuse, never a verdict', () => {
    const proof = computeProof(secretKey, message);
    for (const { verifyProof } of [native, noble]) {
      expect(() => verifyProof('x' as never, message, proof)).toThrow(TypeError);
      expect(() => verifyProof(publicKey, message.subarray(1), proof)).toThrow(TypeError);
      expect(() => verifyProof(publicKey, [...message] as never, proof)).toThrow(TypeError);
      expect(() => verifyProof(publicKey, message, null as never)).toThrow(TypeError);
    }
  });

  it('and the same again on another thread', async () => {
    const proof = computeProof(secretKey, message);
    const spoilt = Uint8Array.from(proof, (byte, i) => (i === 40 ? byte ^ 1 : byte));
    const rows = [
      [publicKey, proof, true],
      [publicKey, spoilt, false],
      [publicKey, proof.subarray(1), false],
      [smallOrderKeys[1]!, proof, false],
      [mixOrder(publicKey), proof, false],
      [publicKey, proofWith(Point.ZERO.toBytes(), 0n), false],
    ] as const;
    for (const { verifyProofAsync } of [native, noble]) {
      for (const [X, p, expected] of rows) expect(await verifyProofAsync(X, message, p)).toBe(expected);
      await expect(verifyProofAsync(publicKey, message.subarray(1), proof)).rejects.toThrow(TypeError);
    }
  });

  it('a validated key stays validated beyond the size of the cache', () => {
    const proof = computeProof(secretKey, message);
    for (let i = 1n; i <= 1_100n; i++) noble.isValidPublicKey(Point.BASE.multiply(i).toBytes());
    expect(verdict(publicKey, message, proof)).toBe(true);
  }, 60_000);
});
