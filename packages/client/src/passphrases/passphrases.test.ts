import { describe, expect, it } from 'vitest';
import { assertStrongPassphrase } from './assert-strong-passphrase.js';
import { generatePassphrase } from './generate-passphrase.js';
import { measurePassphrase } from './measure-passphrase.js';

const isLong = process.env['LONG'] === 'all';

describe('a passphrase of one’s own', () => {
  it.each([
    'password',
    'correct horse battery',
    'qwertyuiop12345',
    'aaaaaaaaaaaaaaaaaaaa',
    'ilovemycatverymuch',
    '24121985 24121985',
    'correct horse battery staple',
    'lake copper fancy orbit',
    'i love my cat very much',
    'a-b-c-d-e-f-g-h-i-j',
    '1-2-3-4-5-6-7-8-9-0',
    'a b c d e f g h i j',
    'correct-horse-battery-staple',
    'correct_horse.battery/staple',
    'hello-world-hello-world',
    'p*a*s*s*w*o*r*d*p*a*s*s*w*o*r*d',
    '!?-.+#*=()[]{}<>;:,!?-.',
  ])('%s is refused, and the error says what would do', async (passphrase) => {
    await expect(assertStrongPassphrase(passphrase, [])).rejects.toMatchObject({
      code: 'WEAK_PASSPHRASE',
      message: expect.stringContaining('seven words') as string,
    });
  });

  it.each([
    ['constitutional', 'word'],
    ['qwertyuiop', 'common'],
    ['bcdefghijk', 'sequence'],
    ['abcabcabcabc', 'repeated'],
    ['29.02.1848', 'date'],
    ['kowalczyk', 'name'],
    ['wilhelmina', 'personal'],
    ['x7$kPq2', 'guessable'],
  ])('%s is weak with the reason %s, which a translation can go by', async (weak, reason) => {
    await expect(assertStrongPassphrase(weak, ['wilhelmina'])).rejects.toMatchObject({
      code: 'WEAK_PASSPHRASE',
      reason,
    });
  });

  it('that consists of the name and the site is refused', async () => {
    const words = ['wilhelmina-vanderbilt', 'https://notes.example'];
    const passphrase = words.join(' ');
    const [known, unknown] = await Promise.all([
      measurePassphrase(passphrase, words),
      measurePassphrase(passphrase, []),
    ]);
    expect(known.guessesLog10).toBeLessThan(unknown.guessesLog10);
  });

  it.each(['кошка-лампа-облако-сосед-ветка-рыба-камень', 'तितली-पानी-सड़क-खिड़की-घोड़ा-चावल'])(
    '%s is measured with its marks and letters',
    async (passphrase) => {
      await assertStrongPassphrase(passphrase, []);
    },
  );

  it.each(['', 'x\ud800', 7])('%s is no passphrase', async (bad) => {
    await expect(assertStrongPassphrase(bad as string, [])).rejects.toThrow();
  });
});

describe('a generated passphrase', () => {
  it('is strong by the same measure, every time, and never the same', async () => {
    const drawn = await Promise.all(Array.from({ length: 50 }, () => generatePassphrase()));
    expect(new Set(drawn).size).toBe(50);
    for (const passphrase of drawn) expect(passphrase).toMatch(/^(?:[a-z]+ ){6}[a-z]+$/);
    // A measurement takes a hundred times as long as a draw.
    for (const passphrase of drawn.slice(0, isLong ? 50 : 8)) {
      for (const separator of [' ', '-', '', '. '])
        await assertStrongPassphrase(passphrase.replaceAll(' ', separator), []);
    }
  });

  it('draws from the whole list', async () => {
    const drawn = await Promise.all(Array.from({ length: 2_000 }, () => generatePassphrase()));
    const words = new Set(drawn.flatMap((p) => p.split(' ')));
    expect(words.size).toBeGreaterThan(1_900);
  });

  it.each([6, 0, 25, 7.5, Number.NaN])('%s words are misuse', async (words) => {
    await expect(generatePassphrase(words)).rejects.toThrow(TypeError);
  });
});
