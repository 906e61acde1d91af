import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesToScalar, groupOrder } from '../edwards25519.js';
import { publicKeyOf } from '../generate-key-pair.js';
import { recoveryKeyOf, recoveryScalarOf } from './recovery-key.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 64 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

it('the words of a kit give the same key on every device, by HKDF over their 16 bytes', async () => {
  await fc.assert(
    fc.asyncProperty(bytes(16), async (entropy) => {
      const output = new Uint8Array(hkdfSync('sha512', entropy, '', 'zkp-auth/recovery/2', 64));
      const key = await recoveryKeyOf(entropy);
      expect(bytesToScalar(key)).toBe(
        BigInt(`0x${Buffer.from(output.toReversed()).toString('hex')}`) % groupOrder,
      );
      expect(publicKeyOf(key)).toHaveLength(32);
    }),
    { numRuns: 20 },
  );
});

it('other words give another key', async () => {
  const entropy = new Uint8Array(16);
  const keys = new Set([Buffer.from(await recoveryKeyOf(entropy)).toString('hex')]);
  for (let bit = 0; bit < 128; bit++) {
    const other = entropy.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    keys.add(Buffer.from(await recoveryKeyOf(other)).toString('hex'));
  }
  expect(keys.size).toBe(129);
});

it('a key is never zero, whatever the hash', () => {
  for (const multiple of [0n, 1n, 2n ** 200n])
    expect(() => recoveryScalarOf(littleEndian(multiple * groupOrder))).toThrow(
      expect.objectContaining({ code: 'RNG_FAILURE' }),
    );
  expect(bytesToScalar(recoveryScalarOf(littleEndian(groupOrder + 1n)))).toBe(1n);
  expect(bytesToScalar(recoveryScalarOf(new Uint8Array(64).fill(0xff)))).toBe((2n ** 512n - 1n) % groupOrder);
});

it.each([15, 17, 32, 0])('%i bytes are misuse, and so are words in their place', async (length) => {
  await expect(recoveryKeyOf(new Uint8Array(length))).rejects.toThrow(TypeError);
  await expect(recoveryKeyOf('abandon abandon' as never)).rejects.toThrow(TypeError);
});
