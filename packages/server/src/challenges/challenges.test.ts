import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { type ChallengeSubject, decodeBase64url, encodeBase64url } from '@zkp-auth/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutMarks } from '../../test/without-marks.js';
import { hashPinId } from '../pin/pin-hash.js';
import type { ChallengeStore } from '../stores/challenge-store.js';
import { InMemoryChallengeStore } from '../stores/in-memory-challenge-store.js';
import type { ChallengePin } from './challenge-pin.js';
import { Challenges } from './challenges.js';

const ttlMs = 60_000;
const startMs = 1_700_000_000_123;
const pinId = randomBytes(16);
const drawn: ChallengePin = { kind: 'drawn', pinHash: hashPinId(pinId), secretId: 'second' };
const named: ChallengePin = { kind: 'named', pinHash: randomBytes(32), questionHash: randomBytes(32) };
const subject = { purpose: 'login', userId: 'alice', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' } as const;

const key = (): KeyObject => createSecretKey(randomBytes(32));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The challenges of a store that has no marks, as an application's own store may have none. */
function startChallenges(store: ChallengeStore, sharedKeys: readonly KeyObject[] = [key()]): Challenges {
  return new Challenges({ store, sharedKeys: () => sharedKeys, secretIds: ['first', 'second'], ttlMs });
}

const anySubject: fc.Arbitrary<ChallengeSubject> = fc.record({
  purpose: fc.constantFrom('register', 'login', 'confirm', 'change-pin', 'rotate-key'),
  userId: fc.string({ minLength: 1, maxLength: 8 }),
  credentialId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(encodeBase64url),
});
const anyPin = fc.constantFrom(undefined, drawn, named);

describe('a challenge', () => {
  it('is derived again from its id and its subject, with what was evaluated with it', async () => {
    const challenges = startChallenges(new InMemoryChallengeStore());
    await fc.assert(
      fc.asyncProperty(anySubject, anyPin, async (its, pin) => {
        const { id, challenge } = await challenges.issue(its, pin);
        const found = challenges.named(id, its, pin?.kind === 'drawn' ? pinId : undefined);
        expect(found.valid).toBe(true);
        expect(hex(found.challenge)).toBe(hex(challenge));
        expect(found.pin).toEqual(pin?.kind === 'drawn' ? pin : null);
        expect(found.cameWithTry).toBe(pin?.kind === 'named');
        expect(decodeBase64url(id)).toHaveLength(16);
        expect(challenge).toHaveLength(32);
      }),
    );
  });

  it('is another one, and refused, for another subject', async () => {
    const challenges = startChallenges(new InMemoryChallengeStore());
    await fc.assert(
      fc.asyncProperty(anySubject, anySubject, anyPin, async (its, other, pin) => {
        fc.pre(JSON.stringify(its) !== JSON.stringify(other));
        const { id, challenge } = await challenges.issue(its, pin);
        const found = challenges.named(id, other, pinId);
        expect(found).toMatchObject({ valid: false, pin: null });
        expect(hex(found.challenge)).not.toBe(hex(challenge));
      }),
    );
  });

  it('drew exactly one pinId, under one secret', async () => {
    const challenges = startChallenges(new InMemoryChallengeStore());
    const { id, challenge } = await challenges.issue(subject, drawn);
    const other = await challenges.issue(subject, { ...drawn, secretId: 'first' });
    expect(hex(other.challenge)).not.toBe(hex(challenge));
    expect(challenges.named(other.id, subject, pinId).pin).toMatchObject({ secretId: 'first' });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 16 }), async (another) => {
        expect(challenges.named(id, subject, another)).toMatchObject({ valid: true, pin: null });
      }),
    );
    expect(challenges.named(id, subject)).toMatchObject({ valid: true, pin: null });
    for (const pin of [undefined, named]) {
      const { id: undrawn } = await challenges.issue(subject, pin);
      expect(challenges.named(undrawn, subject, pinId)).toMatchObject({ valid: true, pin: null });
    }
  });

  it('is another one, and refused, under an id with any bit changed', async () => {
    const challenges = startChallenges(new InMemoryChallengeStore());
    for (const pin of [undefined, drawn, named]) {
      const { id, challenge } = await challenges.issue(subject, pin);
      const bytes = decodeBase64url(id) as Uint8Array;
      for (let bit = 0; bit < 128; bit++) {
        const changed = Uint8Array.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        const found = challenges.named(encodeBase64url(changed), subject, pinId);
        expect(found).toMatchObject({ valid: false, pin: null });
        // The last 32 bits are the tag, which only tells whether the challenge was issued.
        if (bit < 96) expect(hex(found.challenge)).not.toBe(hex(challenge));
      }
    }
  });

  it('never throws for an id, whoever made it', () => {
    const challenges = startChallenges(new InMemoryChallengeStore());
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(challenges.named(encodeBase64url(bytes), subject, pinId).valid).toBe(false);
      }),
    );
    expect(challenges.named('not an id', subject).valid).toBe(false);
  });

  it('ends with its lifetime, to the millisecond', async () => {
    let nowMs = startMs;
    const challenges = startChallenges(new InMemoryChallengeStore({ now: () => nowMs }));
    const { id } = await challenges.issue(subject);
    nowMs = startMs + ttlMs - 1;
    expect(challenges.named(id, subject)).toMatchObject({ valid: true, issuedAtMs: startMs });
    nowMs++;
    const late = challenges.named(id, subject);
    expect(late.valid).toBe(false);
    expect(await late.spend()).toBe(false);
  });

  it('is like no other, also for one subject in one millisecond', async () => {
    const challenges = startChallenges(new InMemoryChallengeStore({ now: () => startMs }));
    const issued = await Promise.all(Array.from({ length: 2_000 }, () => challenges.issue(subject)));
    expect(new Set(issued.flatMap(({ id, challenge }) => [id, hex(challenge)])).size).toBe(4_000);
  });

  it.each([
    ['with marks of its own', (store: ChallengeStore) => store],
    ['without marks', withoutMarks],
  ])('of a store %s is used up once', async (_, wrap) => {
    const challenges = startChallenges(wrap(new InMemoryChallengeStore()));
    for (const purpose of ['register', 'login'] as const) {
      const its = { ...subject, purpose };
      const { id } = await challenges.issue(its);
      const spent = await Promise.all(Array.from({ length: 200 }, () => challenges.named(id, its).spend()));
      expect(spent.filter((isFirst) => isFirst)).toHaveLength(1);
    }
  });

  it('ends with the store in memory that it was issued under, whatever keys the server has', async () => {
    const keys = [key()];
    const { id } = await startChallenges(new InMemoryChallengeStore(), keys).issue(subject);
    expect(startChallenges(new InMemoryChallengeStore(), keys).named(id, subject).valid).toBe(false);
  });

  it('of a shared store holds in each process of a key ring, also after its rotation, and in no other', async () => {
    const [store, ring] = [withoutMarks(new InMemoryChallengeStore()), [key()]];
    const { id, challenge } = await startChallenges(store, ring).issue(subject, drawn);
    const rotated = startChallenges(store, [key(), ...ring]).named(id, subject, pinId);
    expect(rotated).toMatchObject({ valid: true, pin: drawn });
    expect(hex(rotated.challenge)).toBe(hex(challenge));
    expect(startChallenges(store, [key()]).named(id, subject, pinId).valid).toBe(false);
  });

  it('enrols no pinId that was drawn under a secret which this process has not', async () => {
    const challenges = startChallenges(new InMemoryChallengeStore());
    const { id } = await challenges.issue(subject, { ...drawn, secretId: 'third' });
    expect(challenges.named(id, subject, pinId).pin).toBeNull();
  });
});
