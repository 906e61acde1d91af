import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkCommitment, opensLinkCommitment } from './link-commitment.js';
import { linkDigits, type LinkTranscript } from './link-digits.js';

const base: LinkTranscript = {
  audience: 'https://api.example',
  userId: 'alice',
  publicKey: new Uint8Array(32).fill(1),
  newPublicKey: new Uint8Array(32).fill(2),
  linkId: new Uint8Array(16).fill(3),
  nonce: new Uint8Array(32).fill(4),
  newNonce: new Uint8Array(32).fill(5),
};
const members = Object.keys(base) as (keyof LinkTranscript)[];
const committed = ['audience', 'userId', 'publicKey', 'nonce'] as const;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The same transcript with one bit of one member changed. */
const flipped = (name: keyof LinkTranscript, bit: number): LinkTranscript => {
  const value = base[name];
  if (typeof value === 'string') return { ...base, [name]: `${value}${bit}` };
  return {
    ...base,
    [name]: value.map((byte, i) => (i === (bit >> 3) % value.length ? byte ^ (1 << (bit & 7)) : byte)),
  };
};

describe('a relay that changes anything is seen:', () => {
  it.each(members)('%s stands under the digits', (name) => {
    const seen = Array.from({ length: 256 }, (_, bit) => linkDigits(flipped(name, bit)));
    // By chance alone one of 256 numbers of six digits is the same once in 4000 runs. These are always the same runs.
    expect(seen.filter((digits) => digits === linkDigits(base))).toEqual([]);
    expect(new Set(seen).size).toBeGreaterThan(16 * 8 - 1);
  });

  it.each(committed)('%s stands under the commitment', (name) => {
    const commitment = linkCommitment(base);
    expect(opensLinkCommitment(commitment, base)).toBe(true);
    for (let bit = 0; bit < 256; bit++)
      expect(opensLinkCommitment(commitment, flipped(name, bit))).toBe(false);
  });

  it('a commitment of another length is none', () => {
    expect(opensLinkCommitment(linkCommitment(base).subarray(0, 31), base)).toBe(false);
    expect(opensLinkCommitment(new Uint8Array(0), base)).toBe(false);
  });
});

it('a commitment is to one nonce only, so that nobody chooses a nonce after seeing the other', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      fc.pre(hex(a) !== hex(b));
      expect(hex(linkCommitment({ ...base, nonce: a }))).not.toBe(hex(linkCommitment({ ...base, nonce: b })));
    }),
  );
});

it('bytes cannot be shifted from one member to the next', () => {
  const text = fc.stringMatching(/^[a-z]{0,4}$/);
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      fc.pre(a !== c || b !== d);
      const first = { ...base, audience: a, userId: b };
      const second = { ...base, audience: c, userId: d };
      expect(hex(linkCommitment(first))).not.toBe(hex(linkCommitment(second)));
    }),
  );
});

it('there are always six digits, zeros in front included, and each is as likely as any other', () => {
  const counts = Array.from({ length: 6 }, () => new Map<string, number>());
  for (let i = 0; i < 5000; i++) {
    const newNonce = new Uint8Array(32);
    new DataView(newNonce.buffer).setUint32(0, i);
    const digits = linkDigits({ ...base, newNonce });
    expect(digits).toMatch(/^[0-9]{6}$/);
    [...digits].forEach((digit, at) => counts[at]!.set(digit, (counts[at]!.get(digit) ?? 0) + 1));
  }
  // 500 of each are expected. The inputs are fixed, so the counts are too.
  for (const count of counts) {
    expect([...count.keys()].toSorted()).toEqual([...'0123456789']);
    for (const times of count.values()) expect(Math.abs(times - 500)).toBeLessThan(100);
  }
});
