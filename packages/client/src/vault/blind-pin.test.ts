import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blindPin } from './blind-pin.js';

const { oprf } = ristretto255_oprf;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a blinded PIN', () => {
  it('makes the same password as noble’s OPRF does, whatever the PIN', async () => {
    const { secretKey } = oprf.generateKeyPair();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }), async (pin) => {
        const { blinded, finalize } = await blindPin(pin);
        const password = await finalize(oprf.blindEvaluate(secretKey, blinded));
        const theirs = oprf.blind(bytes(pin));
        const evaluated = oprf.blindEvaluate(secretKey, theirs.blinded);
        expect(password).toEqual(oprf.finalize(bytes(pin), theirs.blind, evaluated));
      }),
      { numRuns: 20 },
    );
  });

  it('is another one each time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => blindPin('482619')));
    expect(new Set(all.map(({ blinded }) => String(blinded))).size).toBe(8);
  });

  it.each([
    ['the identity', new Uint8Array(32)],
    ['no element', new Uint8Array(32).fill(0xff)],
    ['too short', new Uint8Array(31)],
  ])('is not finished with %s', async (_, evaluated) => {
    const { finalize } = await blindPin('482619');
    await expect(finalize(evaluated)).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
  });

  it('leaves nothing of the PIN in what it hashes', async () => {
    const hashed: Uint8Array[] = [];
    const digest = crypto.subtle.digest.bind(crypto.subtle);
    crypto.subtle.digest = (name, data) => {
      hashed.push(data as Uint8Array);
      return digest(name, data);
    };
    try {
      const { blinded, finalize } = await blindPin('482619');
      await finalize(blinded);
    } finally {
      Reflect.deleteProperty(crypto.subtle, 'digest');
    }
    expect(hashed).toHaveLength(3);
    for (const data of hashed) expect(data.every((byte) => byte === 0)).toBe(true);
  });
});
