import { expect, it } from 'vitest';
import { InMemoryChallengeMarks } from './in-memory-challenge-marks.js';

const startMs = 1_700_000_000_000;
const lifetimeMs = 60_000;

function startMarks(maxMarks: number) {
  const clock = { nowMs: startMs };
  const marks = new InMemoryChallengeMarks(maxMarks, () => clock.nowMs);
  return { clock, marks };
}

it('no mark is lost while its challenge is live: too many make the oldest challenges expire early', async () => {
  const { clock, marks } = startMarks(1_000);
  const used: [id: string, expiresAtMs: number][] = [];
  for (let n = 0; n < 5_000; n++) {
    clock.nowMs += 10;
    const challenge: [string, number] = [`id-${n}`, clock.nowMs + lifetimeMs];
    expect(await marks.markUsed(...challenge)).toBe(true);
    used.push(challenge);
  }
  for (const challenge of used) expect(await marks.markUsed(...challenge)).toBe(false);
  expect(await marks.markUsed('issued ten seconds ago', clock.nowMs + lifetimeMs - 10_000 - 1_000)).toBe(
    false,
  );
  expect(await marks.markUsed('issued six seconds ago', clock.nowMs + lifetimeMs - 6_000)).toBe(true);
});

it('a clock that is set back a little revives no used challenge, and issues new ones', async () => {
  const { clock, marks } = startMarks(1_000);
  const key = marks.issuingKey();
  const used = ['used', startMs + lifetimeMs] as const;
  expect(await marks.markUsed(...used)).toBe(true);
  clock.nowMs = startMs + lifetimeMs + 2_000;
  expect(await marks.markUsed('another', clock.nowMs + lifetimeMs)).toBe(true);
  clock.nowMs -= 4_000;
  expect(marks.issuingKey()).toBe(key);
  expect(await marks.markUsed(...used)).toBe(false);
  expect(await marks.markUsed('new', clock.nowMs + lifetimeMs)).toBe(true);
});

it('a clock that is set back far begins anew, with another key and room for new challenges', async () => {
  const { clock, marks } = startMarks(1_000);
  const key = marks.issuingKey();
  expect(await marks.markUsed('used', startMs + lifetimeMs)).toBe(true);
  clock.nowMs = startMs - 3_600_000;
  expect(marks.issuingKey().equals(key)).toBe(false);
  expect(await marks.markUsed('new', clock.nowMs + lifetimeMs)).toBe(true);
  expect(await marks.markUsed('new', clock.nowMs + lifetimeMs)).toBe(false);
});
