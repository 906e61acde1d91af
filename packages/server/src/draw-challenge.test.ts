import { expect, it } from 'vitest';
import { drawChallenge } from './draw-challenge.js';

it('no two draws share an id or a challenge, none is blank, and none changes later', () => {
  const draws = Array.from({ length: 1_000 }, () => drawChallenge());
  const seen = draws
    .flatMap(({ id, challenge }) => [id, challenge])
    .map((bytes) => Buffer.from(bytes).toString('hex'));
  expect(new Set(seen).size).toBe(2_000);
  expect(seen.some((hex) => /^0+$/.test(hex))).toBe(false);
  expect(draws[0]?.id.length).toBe(16);
  expect(draws[0]?.challenge.length).toBe(32);
});
