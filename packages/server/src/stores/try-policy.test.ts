import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pin, PinTry } from './pin-store.js';
import { sampleTry } from '../testing/sample-try.js';
import {
  attemptsLeftOf,
  decideTry,
  enrolledPin,
  isNewPinDue,
  strayTriesOf,
  withoutTry,
} from './try-policy.js';

const pin: Pin = enrolledPin({
  pinHash: 'hash',
  userId: 'alice',
  credentialId: 'c',
  secretId: 's',
  enrolledAtMs: 0,
});
const asked = sampleTry();
const outstandingOf = ({ questionHash, challengeHash }: PinTry) => ({
  questionHash,
  challengeHashes: [challengeHash],
});
const after = (tries: number, lastTryAtMs: number | null, change: Partial<Pin> = {}): Pin => ({
  ...pin,
  tries,
  lastTryAtMs,
  ...change,
});

describe('decideTry', () => {
  it('asks for waits that double, up to a quarter of an hour', () => {
    const waits = Array.from({ length: 12 }, (_, n) => {
      const outcome = decideTry(after(n + 3, 1_000, { maxTries: 99 }), asked, 1_000);
      return outcome.kind === 'wait' ? outcome.retryAfterMs / 1_000 : 0;
    });
    expect(waits).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900]);
  });

  it('says retired before locked, and locked before wait', () => {
    expect(decideTry(after(10, 5, { retiredAtMs: 1 }), asked, 5).kind).toBe('retired');
    expect(decideTry(after(10, 5), asked, 5).kind).toBe('locked');
    expect(decideTry(after(9, 5), asked, 5).kind).toBe('wait');
  });

  it('never counts past the limit, never holds longer than the wait, and changes nothing it does not count', () => {
    const clock = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.option(clock),
        clock,
        fc.constantFrom(10, 13),
        (tries, last, now, maxTries) => {
          const before = after(tries, last, { maxTries });
          const outcome = decideTry(before, asked, now);
          if (outcome.kind === 'counted') {
            expect(outcome.pin).toEqual({
              ...before,
              tries: tries + 1,
              lastTryAtMs: now,
              outstanding: [outstandingOf(asked)],
            });
            expect(tries).toBeLessThan(maxTries);
          } else if (outcome.kind === 'wait') {
            expect(outcome.retryAfterMs).toBeGreaterThan(0);
            expect(outcome.retryAfterMs).toBeLessThanOrEqual(900_000);
            expect(outcome.pin).toEqual({ ...before, lastTryAtMs: Math.min(last as number, now) });
            expect(decideTry(outcome.pin, asked, now + outcome.retryAfterMs).kind).toBe('counted');
          } else {
            expect(outcome).toEqual({ kind: 'locked', pin: before });
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a renewed pin', () => {
  const { tries: _tries, maxTries: _max, carriedTries: _carried, ...asNew } = pin;
  const renewed = (old: Pin): Pin => enrolledPin(asNew, old);
  const counted = (old: Pin): Pin => ({ ...old, tries: old.tries + 1, outstanding: [outstandingOf(asked)] });
  const granted = (old: Pin): Pin => ({ ...old, maxTries: old.maxTries + 3 });

  it('carries stray tries on, and asks for a new PIN above thirty', () => {
    expect(renewed(after(9, 5))).toEqual({ ...pin, carriedTries: 9 });
    expect(isNewPinDue(after(3, 5, { carriedTries: 27 }))).toBe(false);
    expect(isNewPinDue(after(4, 5, { carriedTries: 27 }))).toBe(true);
  });

  it('gives one PIN no more than forty answers and the grants, however tries, renewals and proofs are mixed', () => {
    const step = fc.constantFrom('try', 'try', 'try', 'prove', 'renew', 'grant');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let [now, stray, grants] = [pin, 0, 0];
        for (const each of steps) {
          const left = attemptsLeftOf(now);
          if (each === 'try' && left > 0) {
            now = counted(now);
            stray++;
          } else if (each === 'prove') {
            const given = withoutTry(now, 'c', asked.questionHash);
            if (given !== null) stray--;
            now = given ?? now;
          } else if (each === 'grant' && left === 0) {
            now = granted(now);
            grants++;
          } else if (each === 'renew') {
            now = renewed(now);
            expect(attemptsLeftOf(now)).toBeGreaterThanOrEqual(Math.min(left, 10));
          }
          expect(strayTriesOf(now)).toBe(stray);
          expect(stray + attemptsLeftOf(now)).toBeLessThanOrEqual(40 + 3 * grants);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a question that was asked already', () => {
  const outstanding = [sampleTry(), asked, sampleTry()].map(outstandingOf);
  const again = { ...sampleTry(), questionHash: asked.questionHash };
  const { questionHash } = asked;

  it('is answered for the try that it cost, whatever the count says, unless the pin is retired', () => {
    for (const [tries, lastTryAtMs] of [
      [3, 0],
      [7, 1_000],
      [10, 1_000],
    ] as const) {
      const before = after(tries, lastTryAtMs, { outstanding });
      const challengeHashes = [asked.challengeHash, again.challengeHash];
      expect(decideTry(before, again, 1_000)).toEqual({
        kind: 'repeated',
        pin: { ...before, outstanding: [outstanding[0], outstanding[2], { questionHash, challengeHashes }] },
      });
    }
    expect(decideTry(after(3, 0, { outstanding, retiredAtMs: 1 }), again, 1_000).kind).toBe('retired');
  });

  it('gives its try back once, whichever of its answers the proof is for', () => {
    const { pin: repeated } = decideTry(after(3, 0, { outstanding }), again, 1);
    expect(withoutTry(repeated, 'other', questionHash)).toBeNull();
    expect(withoutTry(repeated, 'c', sampleTry().questionHash)).toBeNull();
    const given = withoutTry(repeated, 'c', questionHash) as Pin;
    expect(given).toMatchObject({ tries: 2, outstanding: [outstanding[0], outstanding[2]] });
    expect(withoutTry(given, 'c', questionHash)).toBeNull();
  });

  it('never gives back more than was counted', () => {
    expect(withoutTry(after(0, 0, { outstanding }), 'c', questionHash)).toBeNull();
  });
});
