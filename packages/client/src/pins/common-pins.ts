import type { CommonPinReason } from '@zkp-auth/core';
import { commonWords } from './common-words.js';

/**
 * PINs that no rule below finds. They are shapes on a keypad, numbers with a meaning, and rows of a keyboard with gaps.
 */
const favourites = new Set(
  (
    '0852 1379 9731 1793 3971 2468 8642 1357 1470 0741 3690 1236 1478 7896 7412 3698 1590 7531 8520 7410 4200 5150 ' +
    '1004 5683 0007 0070 6969 1342 1453 1066 1337 4711 1000 2000 0001 1233 1235 1245 1324 0786 7860 7861 7866 1786 ' +
    '147896 147852 852147 963852 741852 314159 271828 246810 135790 134679 976431 192837 124578 786110 000786 786000 786123 123786 626892 ' +
    '753951 159753 520131 1314520 5201314 7758521 8675309 314159265 4815162342 ' +
    'password passw0rd passwort qwertz gfhjkm ghbdtn vfrcbv drowssap qwaszx qazxsw thx1138 ncc1701 rush2112 q1w2e3r4t5'
  ).split(' '),
);

/** Rows and columns of a keyboard and of a keypad, and the alphabet. */
const rows = (
  '01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm ' +
  '2580 147 369 159 357 1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm'
).split(' ');
const runs = rows.flatMap((row) => [row, Array.from(row).toReversed().join('')]).join('\n');

/** The rule for words still finds a word with this many more characters. */
const mostAdded = 4;
const leastRun = 3;
/** A row with at least this many neighbours counts even if something is added. */
const longRun = 5;

/** The letters that people replace by these digits and signs. */
const letters: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/**
 * The reason why an attacker tries a PIN first, or `null` if there is none. Ten tries find a fair share of the PINs
 * that people choose freely. So the rules refuse the most popular PINs.
 */
export function commonPinReason(pin: string): CommonPinReason | null {
  const text = pin.toLowerCase();
  if (favourites.has(text)) return 'common';
  if (isRepetition(text)) return 'repeated';
  if (isMirrored(text)) return 'mirrored';
  if (isOfRuns(text)) return 'sequence';
  if (isDate(text)) return 'date';
  if (goesInSteps(text)) return 'steps';
  if (isOnWord(text)) return 'word';
  return null;
}

export const commonPinMessages: Readonly<Record<CommonPinReason, string>> = {
  common: 'The PIN is one of those that many people choose.',
  repeated: 'The PIN only repeats itself.',
  mirrored: 'The PIN is the same backwards.',
  sequence: 'The PIN is a row of neighbours.',
  date: 'The PIN is a date or a year.',
  steps: 'The PIN goes on in equal steps.',
  word: 'The PIN is a common word or name with little added.',
};

/** A repeated text, a text with each character doubled, or six and more characters with only two different ones. */
function isRepetition(text: string): boolean {
  const period = `${text}${text}`.indexOf(text, 1);
  if (period < text.length || /^(?:(.)\1)+$/su.test(text)) return true;
  return text.length >= 6 && new Set(text).size <= 2;
}

function isMirrored(text: string): boolean {
  return text.length >= 6 && Array.from(text).toReversed().join('') === text;
}

/** One row, rows of three and more that follow each other or are woven together, or a long row with little added. */
function isOfRuns(text: string): boolean {
  if (isRun(text)) return true;
  if (text.length < 2 * leastRun) return false;
  return (
    isJoined(text) || halvesOf(text).every(isRun) || longestRun(text) >= Math.max(longRun, text.length - 2)
  );
}

function isRun(text: string): boolean {
  return runs.includes(text);
}

/** Whether a text can be cut into runs of three and more. */
function isJoined(text: string): boolean {
  const cuts = [0];
  for (let end = leastRun; end <= text.length; end++) {
    if (cuts.some((start) => end - start >= leastRun && isRun(text.slice(start, end)))) cuts.push(end);
  }
  return cuts.at(-1) === text.length;
}

function longestRun(text: string): number {
  let longest = 0;
  for (let start = 0; start < text.length; start++) {
    for (let end = start + longest + 1; end <= text.length && isRun(text.slice(start, end)); end++)
      longest = end - start;
  }
  return longest;
}

/** Every other character, and the characters between them. */
function halvesOf(text: string): [string, string] {
  const characters = Array.from(text);
  return [0, 1].map((parity) => characters.filter((_, n) => n % 2 === parity).join('')) as [string, string];
}

/** Six or eight digits whose halves each have equal steps, in order or woven, such as 135246 and 102030. */
function goesInSteps(text: string): boolean {
  if (!/^\d{6}$|^\d{8}$/.test(text)) return false;
  const middle = text.length / 2;
  return [[text.slice(0, middle), text.slice(middle)], halvesOf(text)].some((halves) =>
    halves.every(hasEqualSteps),
  );
}

function hasEqualSteps(digits: string): boolean {
  const values = Array.from(digits, Number);
  const steps = values.slice(1).map((value, n) => value - (values[n] as number));
  return new Set(steps).size === 1;
}

/**
 * A year, alone or with two zeros; a day with its month as DDMM or MMDD; or such a day with the year, of two or four
 * digits, at either end.
 */
function isDate(text: string): boolean {
  if (/^(?:19|20)\d\d(?:00)?$|^00(?:19|20)\d\d$/.test(text)) return true;
  const year = String.raw`(?:\d\d|(?:19|20)\d\d)`;
  const day = String.raw`(?:0[1-9]|[12]\d|3[01])`;
  const month = '(?:0[1-9]|1[0-2])';
  const dayOfYear = `(?:${day}${month}|${month}${day})`;
  return new RegExp(`^(?:${dayOfYear}(?:${year})?|${year}${month}${day})$`).test(text);
}

/** A common word or name, or a row of letters. Digits and signs may precede it, follow it or replace letters. */
function isOnWord(text: string): boolean {
  const spelled = Array.from(text, (character) => letters[character] ?? character).join('');
  return [text, spelled].some((written) => {
    const word = written.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
    if (text.length - word.length > mostAdded) return false;
    return commonWords.has(word) || (word.length >= leastRun && isRun(word));
  });
}
