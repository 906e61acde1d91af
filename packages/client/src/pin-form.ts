import { normalizePin } from './pin.js';

/** The form that new PIN slots are sealed under, as their member `pinForm` says. */
export const currentPinForm = 2;

/** The zeros of all decimal digits of Unicode 17.0; nine digits follow each. A newer Unicode changes nothing here. */
const zeros = (
  '660 6f0 7c0 966 9e6 a66 ae6 b66 be6 c66 ce6 d66 de6 e50 ed0 f20 1040 1090 17e0 1810 1946 19d0 1a80 1a90 1b50 ' +
  '1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10 104a0 10d30 10d40 11066 110f0 11136 111d0 112f0 11450 ' +
  '114d0 11650 116c0 116d0 116da 11730 118e0 11950 11bf0 11c50 11d50 11da0 11de0 11f50 16130 16a60 16ac0 16b50 ' +
  '16d70 1ccf0 1d7ce 1d7d8 1d7e2 1d7ec 1d7f6 1e140 1e2f0 1e4f0 1e5f1 1e950 1fbf0'
)
  .split(' ')
  .map((hex) => Number.parseInt(hex, 16));

/** White space, and characters that nobody sees: zero-width ones, bidi marks, the soft hyphen and the BOM. */
const blank =
  '\\t-\\r \\x85\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u20e3\\u2800\\u3000\\ufe00-\\ufe0f\\ufeff';
const outerBlanks = new RegExp(`^[${blank}]+|[${blank}]+$`, 'gu');
const separators = new RegExp(
  `[${blank}.,:/_'\\u002d\\xb7\\u2010-\\u2015\\u2018\\u2019\\u2212\\u30fb]+`,
  'gu',
);

/**
 * A PIN in form 2 (protocol section 5.1): by the values of its digits, without outer white space, and without
 * separators if there is nothing else beside digits. It can be empty.
 *
 * @throws as `normalizePin`.
 */
export function pinInForm2(pin: string): string {
  const text = Array.from(normalizePin(pin), asciiDigit).join('').replaceAll(outerBlanks, '');
  const joined = text.replaceAll(separators, '');
  return /^[0-9]+$/.test(joined) ? joined : text;
}

/**
 * The texts to try on a PIN slot, in this order. A slot without `pinForm` is of the first form, NFKC. It is tried in form 2
 * as well, because the person may type an old PIN in another way, and because an older client drops the member.
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
