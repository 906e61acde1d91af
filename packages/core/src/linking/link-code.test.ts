import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linkAddress, readLinkAddress } from './link-address.js';
import { formatLinkCode, isLinkCode, normalizeLinkCode } from './link-code.js';

const alphabet = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
const code = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 10, maxLength: 10 });
const refused = expect.objectContaining({ code: 'INVALID_LINK_CODE' });

/** Spellings of a code that people and keyboards make. */
const spelling = code.chain((whole) =>
  fc
    .tuple(
      ...[...whole].map((character) =>
        fc.tuple(
          fc.constantFrom(
            character,
            character.toLowerCase(),
            ...(character === '0' ? ['O', 'o'] : []),
            ...(character === '1' ? ['I', 'i', 'L', 'l'] : []),
          ),
          fc.constantFrom('', '', ' ', '-', ' - ', '\t', '\u00a0', '\u2011', '\u2013', '\u2212', '\r\n'),
        ),
      ),
    )
    .map((characters) => ({ whole, text: characters.flat().join('') })),
);

it('a code is taken in every spelling that a person types, pastes or reads aloud', () => {
  fc.assert(
    fc.property(spelling, ({ whole, text }) => {
      expect(normalizeLinkCode(text)).toBe(whole);
    }),
  );
});

it('what is shown is taken back, in two groups of five and in the address of a QR code', () => {
  fc.assert(
    fc.property(code, (whole) => {
      const shown = formatLinkCode(whole);
      expect(shown).toMatch(/^.{5}-.{5}$/);
      expect(normalizeLinkCode(shown)).toBe(whole);
      expect(readLinkAddress(linkAddress('https://app.example/link', whole))).toBe(whole);
    }),
  );
});

/** Characters of codes, and those that a lenient reading could make into some: full-width, dotless, ligatures, marks. */
const strange = fc.string({
  unit: fc.constantFrom(...alphabet, ...'UuOoIiLl- _.+*~$=#%ßıſﬆ１７ＡａÅ٣é0\u0301\u200b\ufeff\0\ud800'),
  minLength: 8,
  maxLength: 12,
});

it('any other text is refused, and never taken for the code of somebody else', () => {
  fc.assert(
    fc.property(strange, (text) => {
      const counted = text.replace(/[\s\u2010-\u2015\u2212-]/g, '');
      fc.pre(!/^[0-9A-TV-Za-tv-z]{10}$/.test(counted));
      expect(() => normalizeLinkCode(text)).toThrow(refused);
    }),
  );
  for (const other of [7, null, undefined, ['7ZQ4MK10XB']])
    expect(() => normalizeLinkCode(other as never)).toThrow(TypeError);
});

it.each([...'UuıßſﬆÅé１Ａ٣#%_.+', '\u0301', '\u200b', '\0', '\ud800'])(
  '%j in a code is refused, though its capital or its compatible form may be a character of codes',
  (character) => {
    for (const whole of ['7ZQ4MK10XB', '7ZQ4MK10X', '7ZQ4MK10'])
      for (let at = 0; at < whole.length; at++)
        for (const rest of [at, at + 1])
          expect(() => normalizeLinkCode(whole.slice(0, at) + character + whole.slice(rest))).toThrow(
            refused,
          );
  },
);

it('only the one text of a code stands on the wire', () => {
  expect(isLinkCode('7ZQ4MK10XB')).toBe(true);
  for (const other of ['7zq4mk10xb', '7ZQ4M-K10XB', '7ZQ4MKI0XB', '7ZQ4MK10X', '7ZQ4MK10XB\n', 7, null])
    expect(isLinkCode(other)).toBe(false);
});

it('an address is made of a whole code and a page only, and replaces the fragment of the page', () => {
  expect(linkAddress('https://app.example/a?b=c#d', '7ZQ4MK10XB')).toBe(
    'https://app.example/a?b=c#link=7ZQ4MK10XB',
  );
  expect(() => linkAddress('https://app.example', '7ZQ4M-K10XB')).toThrow(TypeError);
  expect(() => linkAddress('/link', '7ZQ4MK10XB')).toThrow(TypeError);
  expect(() => formatLinkCode('7zq4mk10xb')).toThrow(TypeError);
});

it.each([
  'https://app.example/',
  'https://app.example/?link=7ZQ4MK10XB',
  'https://app.example/#a#link=x',
  '',
])('%j has no code, so the page shows nothing of a link', (address) => {
  expect(readLinkAddress(address)).toBeNull();
});

it.each(['#link=', '#link=7ZQ4MK10X', '#link=7ZQ4MK10XB&x=1', '#link=%37ZQ4MK10XB'])(
  'a broken code in %s is told from none',
  (fragment) => {
    expect(() => readLinkAddress(`https://app.example/${fragment}`)).toThrow(refused);
  },
);
