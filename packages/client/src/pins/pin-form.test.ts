import { describe, expect, it } from 'vitest';
import { pinInForm2, pinInputs } from './pin-form.js';

const everyCharacter = function* (): Generator<string> {
  for (let codePoint = 0; codePoint < 0x11_00_00; codePoint++) {
    if (codePoint < 0xd800 || codePoint > 0xdfff) yield String.fromCodePoint(codePoint);
  }
};
/** The digits that the engine knows, as runs of consecutive code points. */
const digitRuns = (): number[][] => {
  const runs: number[][] = [];
  for (const character of everyCharacter()) {
    if (!/\p{Nd}/u.test(character)) continue;
    const codePoint = character.codePointAt(0) as number;
    const last = runs.at(-1);
    if (last?.at(-1) === codePoint - 1) last.push(codePoint);
    else runs.push([codePoint]);
  }
  return runs;
};

describe('the digits of every script are the same PIN', () => {
  it('each decimal digit of Unicode counts by its value, and nothing else becomes a digit', () => {
    const runs = digitRuns();
    // The value of a digit is its place in a block of ten, because the Unicode Standard keeps digits in such blocks.
    for (const run of runs) expect(run.length % 10, String(run[0])).toBe(0);
    const values = new Map(runs.flatMap((run) => run.map((codePoint, i) => [codePoint, String(i % 10)])));
    expect(values.size).toBeGreaterThanOrEqual(770);
    const wrong: string[] = [];
    for (const character of everyCharacter()) {
      const nfkc = character.normalize('NFKC');
      const value = values.get(character.codePointAt(0) as number);
      const form = pinInForm2(`a${character}b`);
      const expected = value ?? Array.from(nfkc, (c) => values.get(c.codePointAt(0) as number) ?? c).join('');
      if (form !== `a${expected}b`.normalize('NFKC'))
        wrong.push(`U+${character.codePointAt(0)?.toString(16)}`);
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it.each(['١٢٣٤٥٦', '۱۲۳۴۵۶', '१२३४५६', '১২৩৪৫৬', '๑๒๓๔๕๖', '１２３４５６', '𝟙𝟚𝟛𝟜𝟝𝟞', '١2३4۵６'])(
    '%s is 123456',
    (pin) => {
      expect(pinInForm2(pin)).toBe('123456');
    },
  );

  it('also beside letters', () => {
    expect(pinInForm2('كلمة١٢٣')).toBe('كلمة123');
    expect(pinInForm2('pass१२é')).toBe('pass12é');
  });
});

describe('what surrounds a PIN does not count', () => {
  const blanks = [
    ...'\t\n\v\f\r \u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000',
    ...'\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff',
  ];

  it('white space, zero-width characters and bidi marks, before and behind, digits or letters', () => {
    for (const blank of blanks) {
      for (const pin of ['482619', 'pa55-on']) {
        expect(pinInForm2(`${blank}${pin}`), blank).toBe(pin);
        expect(pinInForm2(`${pin}${blank}${blank}`), blank).toBe(pin);
      }
      expect(pinInForm2(`482${blank}619`), blank).toBe('482619');
      expect(pinInForm2(`pa55${blank}on`), blank).toBe(`pa55${blank.normalize('NFKC')}on`);
    }
  });

  it('takes out all white space that the engine knows', () => {
    for (const character of everyCharacter()) {
      if (/[\s\p{White_Space}]/u.test(character)) expect(pinInForm2(`${character}482619`)).toBe('482619');
    }
  });
});

describe('separators', () => {
  it.each([
    '482-619',
    '48.26.19',
    '48/26/19',
    '48:26:19',
    '482,619',
    '482_619',
    '4 8 2 6 1 9',
    '482\u2010619',
    '482\u2013619',
    '482\u2015619',
    '482\u2212619',
    '482\uff0d619',
    '482619.',
    '-482 - 619-',
  ])('in %s do not count, since there is nothing but digits beside them', (pin) => {
    expect(pinInForm2(pin)).toBe('482619');
  });

  it.each(['pa55-on', '12-34-5a', 'a b c d', '482+619', '482*619', '------', '-.-.-.'])(
    'in %s count, since it is not only digits',
    (pin) => {
      expect(pinInForm2(pin)).toBe(pin);
    },
  );
});

it('the form of a form is itself', () => {
  for (const pin of [' 12-34 ', 'é ', '\u00a8a', '\ufdfa', 'a\u0301', '١-٢', '\u2028x\u00ad']) {
    expect(pinInForm2(pinInForm2(pin))).toBe(pinInForm2(pin));
  }
});

it('a slot without the member is tried as it was typed first, one with it in form 2 alone', () => {
  expect(pinInputs('４８２ 619', undefined)).toEqual(['482 619', '482619']);
  expect(pinInputs('482619', undefined)).toEqual(['482619']);
  expect(pinInputs('      ', undefined)).toEqual(['      ']);
  expect(pinInputs('４８２ 619', 2)).toEqual(['482619']);
  expect(pinInputs('      ', 2)).toEqual([]);
});
