import { randomBytes } from '@zkp-auth/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challengeShare, packChallenge, packSubject, unpackChallenge } from './challenge-record.js';

const subject = { purpose: 'login', userId: 'alice', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' } as const;
const [pinHash, questionHash] = [randomBytes(32), randomBytes(32)];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('challenge records', () => {
  it.each([
    null,
    { kind: 'named', pinHash, questionHash } as const,
    { kind: 'drawn', pinHash, secretId: 'AAAAAAAAAAAAAAAAAAAAAA' } as const,
  ])('give back what was packed: %o', (pin) => {
    const challenge = randomBytes(32);
    const record = unpackChallenge(packChallenge(challenge, subject, pin));
    expect(hex(record.challenge)).toBe(hex(challenge));
    expect(hex(record.subject)).toBe(hex(packSubject(subject)));
    expect(record.pin).toEqual(pin);
  });

  it('of a named pinId are of a kind that releases without outstanding tries do not read, nor we theirs', () => {
    const record = packChallenge(randomBytes(32), subject, { kind: 'named', pinHash, questionHash });
    const kindAt = record.length - 1 - 32 - 32;
    expect(record[kindAt]).toBe(2);
    // As those releases packed it: kind 1, and the SHA-256 of the pinId alone.
    const older = Uint8Array.from(record.subarray(0, record.length - 32));
    older[kindAt] = 1;
    older[kindAt - 1] = 33;
    expect(unpackChallenge(older)).toMatchObject({ pin: null });
    expect(hex(unpackChallenge(older).subject)).toBe(hex(packSubject(subject)));
  });

  it('of any other making give no subject that was ever asked for, and never throw', () => {
    const whole = packChallenge(randomBytes(32), subject, { kind: 'named', pinHash, questionHash });
    const cut = fc.nat(whole.length - 1).map((length) => whole.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cut), (bytes) => {
        const record = unpackChallenge(bytes);
        challengeShare(bytes);
        if (record.pin !== null) expect(record.pin.pinHash).toHaveLength(32);
      }),
      { numRuns: 500 },
    );
    for (let length = 0; length < 32 + 2 + packSubject(subject).length; length++) {
      expect(unpackChallenge(whole.subarray(0, length)).subject).toHaveLength(0);
    }
  });

  it('count against a share of their own per purpose and credential, registrations against one together', () => {
    const share = (change: object): string =>
      challengeShare(
        packChallenge(randomBytes(32), { ...subject, ...change }, { kind: 'named', pinHash, questionHash }),
      );
    const shares = [
      {},
      { purpose: 'change-pin' },
      { purpose: 'rotate-key' },
      { userId: 'bob' },
      { credentialId: 'BBBBBBBBBBBBBBBBBBBBBB' },
    ].map(share);
    expect(new Set(shares).size).toBe(shares.length);
    expect(shares).not.toContain('');
    expect(share({})).toBe(challengeShare(packChallenge(randomBytes(32), subject)));
    expect(share({ purpose: 'register' })).toBe('');
    expect(share({ purpose: 'register', userId: 'bob' })).toBe('');
  });
});
