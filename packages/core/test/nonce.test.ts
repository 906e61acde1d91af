import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { bytesToScalar, groupOrder, hashToScalar, scalarToBytes } from '../src/curve.js';
import {
  computeProof,
  generateKeyPair,
  publicKeyOf,
  type RandomSource,
  verifyProof,
} from '../src/index.node.js';

const pair = generateKeyPair();
const other = generateKeyPair();
const message = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const nonceOf = (proof: Uint8Array): string => Buffer.from(proof.subarray(0, 32)).toString('hex');

const stuckAtZero: RandomSource = (length) => new Uint8Array(length);
const stuckAtOnes: RandomSource = (length) => new Uint8Array(length).fill(0xff);

function repeating(period: number): RandomSource {
  let calls = 0;
  return (length) => new Uint8Array(length).fill(calls++ % period);
}

describe('hedged nonces', () => {
  it.each([
    ['stuck at zero', stuckAtZero],
    ['stuck at ones', stuckAtOnes],
    ['repeating every call', repeating(1)],
    ['repeating every third call', repeating(3)],
  ])('a generator %s never gives one nonce to two messages, and the proofs verify', (_, random) => {
    const nonces = new Set<string>();
    for (let n = 0; n < 24; n++) {
      const proof = computeProof(pair.secretKey, message(n), { random });
      expect(verifyProof(pair.publicKey, message(n), proof)).toBe(true);
      nonces.add(nonceOf(proof));
    }
    expect(nonces.size).toBe(24);
  });

  it('a stuck generator never gives one nonce to two keys', () => {
    const nonces = [pair, other].map(({ secretKey }) =>
      nonceOf(computeProof(secretKey, message(1), { random: stuckAtZero })),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  it('a working generator makes every proof of one message different', () => {
    const proofs = Array.from({ length: 16 }, () => nonceOf(computeProof(pair.secretKey, message(1))));
    expect(new Set(proofs).size).toBe(16);
  });

  it.each([
    [
      'throws',
      (): Uint8Array => {
        throw new Error('no entropy');
      },
    ],
    ['gives too few bytes', (length: number) => new Uint8Array(length - 1)],
    ['gives too many bytes', (length: number) => new Uint8Array(length + 1)],
    ['gives nothing', () => undefined as never],
  ])('a generator that %s is RNG_FAILURE, for a proof and for a key', (_, random) => {
    expect(() => computeProof(pair.secretKey, message(1), { random })).toThrow(
      expect.objectContaining({ code: 'RNG_FAILURE' }),
    );
    expect(() => generateKeyPair({ random })).toThrow(expect.objectContaining({ code: 'RNG_FAILURE' }));
  });

  it('leaves the generator’s own bytes alone, and wipes its copies of them', () => {
    const own = new Uint8Array(32).fill(9);
    computeProof(pair.secretKey, message(1), { random: () => own });
    expect(own).toEqual(new Uint8Array(32).fill(9));
    const drawn: Uint8Array[] = [];
    const { getRandomValues } = crypto;
    const spy = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      drawn.push(array as unknown as Uint8Array);
      return getRandomValues.call(crypto, array as never);
    });
    computeProof(pair.secretKey, message(1));
    spy.mockRestore();
    expect(drawn.filter(({ length }) => length === 32)).toEqual([new Uint8Array(32)]);
  });

  it('a stuck generator makes no weak key, and ends', () => {
    for (const random of [stuckAtZero, stuckAtOnes]) {
      expect(() => generateKeyPair({ random })).toThrow(expect.objectContaining({ code: 'RNG_FAILURE' }));
    }
  });
});

describe('why the nonce must not repeat', () => {
  // Two proofs s1 = r + c1·x and s2 = r + c2·x with one r give x = (s1 - s2) / (c1 - c2).
  function recoverSecret(
    publicKey: Uint8Array,
    m1: Uint8Array,
    p1: Uint8Array,
    m2: Uint8Array,
    p2: Uint8Array,
  ) {
    const challenge = (m: Uint8Array, p: Uint8Array): bigint => hashToScalar(p.subarray(0, 32), publicKey, m);
    const difference = (a: bigint, b: bigint): bigint => (((a - b) % groupOrder) + groupOrder) % groupOrder;
    const s = difference(bytesToScalar(p1.subarray(32)), bytesToScalar(p2.subarray(32)));
    return (s * inverse(difference(challenge(m1, p1), challenge(m2, p2)))) % groupOrder;
  }

  function inverse(value: bigint): bigint {
    let result = 1n;
    for (let base = value, e = groupOrder - 2n; e > 0n; e >>= 1n, base = (base * base) % groupOrder) {
      if (e & 1n) result = (result * base) % groupOrder;
    }
    return result;
  }

  function proofWithNonce(secretKey: Uint8Array, m: Uint8Array, r: bigint): Uint8Array {
    const R = publicKeyOf(scalarToBytes(r));
    const c = hashToScalar(R, publicKeyOf(secretKey), m);
    return Uint8Array.from([...R, ...scalarToBytes((r + c * bytesToScalar(secretKey)) % groupOrder)]);
  }

  it('a prover that reuses a nonce gives its key away to arithmetic', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, groupOrder - 1n), (r) => {
        const [p1, p2] = [message(1), message(2)].map((m) => proofWithNonce(pair.secretKey, m, r)) as [
          Uint8Array,
          Uint8Array,
        ];
        expect(recoverSecret(pair.publicKey, message(1), p1, message(2), p2)).toBe(
          bytesToScalar(pair.secretKey),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('ours does not, even with a stuck generator', () => {
    const random = stuckAtZero;
    const [p1, p2] = [message(1), message(2)].map((m) => computeProof(pair.secretKey, m, { random })) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(recoverSecret(pair.publicKey, message(1), p1, message(2), p2)).not.toBe(
      bytesToScalar(pair.secretKey),
    );
  });
});
