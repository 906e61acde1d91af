import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Point } from './edwards25519.js';
import { computeProof, computeProofAsync, generateKeyPair, verifyProof } from './index.node.js';

describe('a proof hashed by Web Crypto', () => {
  it('is the same as one hashed in JavaScript, for the same randomness', async () => {
    const { secretKey, publicKey } = generateKeyPair();
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(bytes32, bytes32, async (message, drawn) => {
        const random = (): Uint8Array => drawn;
        const proof = await computeProofAsync(secretKey, message, { random });
        expect(proof).toEqual(computeProof(secretKey, message, { random }));
        expect(verifyProof(publicKey, message, proof)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('is finished by the key that it was begun with, if that is wiped meanwhile', async () => {
    const { secretKey, publicKey } = generateKeyPair();
    const message = new Uint8Array(32).fill(7);
    const proving = computeProofAsync(secretKey, message);
    secretKey.fill(0);
    expect(verifyProof(publicKey, message, await proving)).toBe(true);
  });

  it.each([
    ['a wiped key', new Uint8Array(32), new Uint8Array(32)],
    ['a short message', generateKeyPair().secretKey, new Uint8Array(31)],
  ])('%s is misuse', async (_, secretKey, message) => {
    await expect(computeProofAsync(secretKey, message)).rejects.toThrow(TypeError);
  });

  it('a generator that fails is RNG_FAILURE', async () => {
    const random = (): Uint8Array => new Uint8Array(31);
    await expect(
      computeProofAsync(generateKeyPair().secretKey, new Uint8Array(32), { random }),
    ).rejects.toMatchObject({ code: 'RNG_FAILURE' });
  });
});

it('the curve has the parameters of noble’s ed25519', () => {
  expect(Point.CURVE()).toEqual(ed25519.Point.CURVE());
  expect(Point.BASE.toBytes()).toEqual(ed25519.Point.BASE.toBytes());
});
