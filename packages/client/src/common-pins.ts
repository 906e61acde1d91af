/** What people choose that is no pattern: lines and crosses on a keypad, and words. */
const favourites = new Set(
  (
    '2580 0852 1379 9731 1793 3971 2468 8642 1357 1470 0741 3690 1236 1478 7896 7412 3698 1590 7531 ' +
    '1004 5683 0007 6969 1342 147258 258147 147852 852147 258369 369258 159753 753159 159357 357159 147369 369147 ' +
    '789456 456789 963852 741852 852963 951753 789123 321654 147896 1472583 14725836 147258369 ' +
    'password passw0rd passwort qwerty qwertz azerty qwerty1 asdfgh zxcvbn 1q2w3e 1q2w3e4r q1w2e3 1qaz2wsx abc123 ' +
    'letmein iloveyou monkey dragon sunshine princess welcome football baseball master shadow superman batman ' +
    'charlie michael jordan killer hunter secret ashley daniel trustno1 admin1 123qwe 123abc a1b2c3 aa1234 pass123'
  ).split(' '),
);

/** Rows of a keyboard, and the alphabet. */
const rows = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/**
 * Why a PIN is among those that are tried first; `null` where it is not. Ten tries find a fair share of the PINs
 * that people choose freely, so what they choose most is part of what has to be kept out.
 */
export function commonPinReason(pin: string): string | null {
  const text = pin.toLowerCase();
  if (favourites.has(text)) return 'The PIN is one of those that many people choose.';
  const period = `${text}${text}`.indexOf(text, 1);
  if (period < text.length || /^(?:(.)\1)+$/su.test(text)) return 'The PIN only repeats itself.';
  if (isRun(text)) return 'The PIN is a row of neighbours.';
  if (isDate(text)) return 'The PIN is a date or a year.';
  return null;
}

function isRun(text: string): boolean {
  const reversed = Array.from(text).toReversed().join('');
  return rows.some((row) => row.includes(text) || row.includes(reversed));
}

/** Years; days with month as DDMM or MMDD; and with the year, of two or four digits, at either end. */
function isDate(text: string): boolean {
  if (/^(?:19|20)\d\d$/.test(text)) return true;
  const year = String.raw`(?:\d\d|(?:19|20)\d\d)`;
  const day = String.raw`(?:0[1-9]|[12]\d|3[01])`;
  const month = '(?:0[1-9]|1[0-2])';
  const dayOfYear = `(?:${day}${month}|${month}${day})`;
  return new RegExp(`^(?:${dayOfYear}(?:${year})?|${year}${month}${day})$`).test(text);
}
