import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as built from '../../packages/client/dist/passphrases/dictionaries.js';
import * as source from '../../packages/client/src/passphrases/dictionaries.js';

const folder = new URL('../../packages/client/dist/passphrases/words/', import.meta.url);
/** webpack warns of a file that is larger. */
const mostBytes = 244 * 1024;

it('passphrases are measured by the same words in the package, which has them in pieces', async () => {
  expect(await built.loadDictionaries()).toEqual(await source.loadDictionaries());
});

it('the package needs no language package for them', () => {
  expect(readFileSync(new URL('../dictionaries.js', folder), 'utf8')).not.toContain('@zxcvbn-ts/language');
});

it('no piece is so large that a bundler warns of it', () => {
  const pieces = readdirSync(folder).filter((name) => name.endsWith('.js'));
  expect(pieces.length).toBeGreaterThan(1);
  for (const name of pieces) expect(statSync(new URL(name, folder)).size).toBeLessThanOrEqual(mostBytes);
});
