import { normalizePin } from './pin.js';

/** The form under which new PIN slots are sealed, as their member `pinForm` says. */
export const currentPinForm = 2;

let zero = 0;
/**
 * The zeros of all decimal digits of Unicode 17.0. Nine digits follow each zero. A newer Unicode version changes
 * nothing here. Each entry is the distance from the previous zero, because browsers download the list.
 */
const zeros = (
  '660 90 d0 1a6 80 80 80 80 80 80 80 80 80 6a 80 50 120 50 750 30 136 8a b0 10 c0 60 90 10 89d0 2b0 ' +
  '30 d0 20 60 1a0 5320 590 890 10 326 8a 46 9a 120 160 80 180 70 10 a 56 1b0 70 2a0 60 100 50 40 170 ' +
  '41e0 930 60 90 220 5f80 ade a a a a 94a 1b0 200 101 35f 12a0'
)
  .split(' ')
  .map((distance) => (zero += Number.parseInt(distance, 16)));

/** White space and invisible characters. These are zero-width characters, bidi marks, the soft hyphen and the BOM. */
const blank =
  '\\t-\\r \\x85\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u20e3\\u2800\\u3000\\ufe00-\\ufe0f\\ufeff';
const outerBlanks = new RegExp(`^[${blank}]+|[${blank}]+$`, 'gu');
const separators = new RegExp(
  `[${blank}.,:/_'\\u002d\\xb7\\u2010-\\u2015\\u2018\\u2019\\u2212\\u30fb]+`,
  'gu',
);

/**
 * A PIN in form 2 (protocol section 5.1). It has the values of its digits, no outer white space, and no separators if
 * the rest is only digits. It can be empty.
 *
 * @throws as `normalizePin`.
 */
export function pinInForm2(pin: string): string {
  const text = Array.from(normalizePin(pin), asciiDigit).join('').replaceAll(outerBlanks, '');
  const joined = text.replaceAll(separators, '');
  return /^[0-9]+$/.test(joined) ? joined : text;
}

/**
 * The texts to try on a PIN slot, in this order. A slot without `pinForm` has the first form, NFKC. Such a slot is
 * tried in form 2 as well, for two reasons. The person may type an old PIN in another way, and an older client drops
 * the member.
 */
export function pinInputs(pin: string, form: typeof currentPinForm | undefined): string[] {
  const inputs = new Set(form === currentPinForm ? [] : [normalizePin(pin)]).add(pinInForm2(pin));
  inputs.delete('');
  return [...inputs];
}

function asciiDigit(character: string): string {
  const codePoint = character.codePointAt(0) as number;
  const zero = zeros.find((first) => codePoint >= first && codePoint < first + 10);
  return zero === undefined ? character : String(codePoint - zero);
}
