import { ZkpAuthError } from '../zkp-auth-error.js';

/** Ten characters of Crockford's base 32, each of 5 bits: all digits and capital letters but I, L, O and U. */
const canonical = /^[0-9A-HJKMNP-TV-Z]{10}$/;

/** White space, and the dashes that a keyboard puts in the place of a hyphen. */
const separators = /[\s\u2010-\u2015\u2212-]/g;

/** Half of a code, as people read it. */
const groupLength = 5;

/** Whether this is the code of a link as it stands on the wire: ten characters of Crockford's base 32, in capitals. */
export function isLinkCode(value: unknown): value is string {
  return typeof value === 'string' && canonical.test(value);
}

/**
 * The code of a link that a person typed or pasted. Letters may be small, `O` stands for 0, `I` and `L` for 1, and white
 * space and hyphens do not count (protocol section 10.2).
 *
 * @returns ten characters, as they stand on the wire.
 * @throws `TypeError` if it is not a string.
 * @throws {@link ZkpAuthError} `INVALID_LINK_CODE` for anything else.
 *
 * @example
 * ```ts
 * normalizeLinkCode('7zq4m-k10xb'); // '7ZQ4MK10XB'
 * ```
 */
export function normalizeLinkCode(text: string): string {
  if (typeof text !== 'string') throw new TypeError('the code must be a string');
  // Only ASCII letters are made capitals, because `toUpperCase` makes ASCII letters of others.
  const code = text
    .replace(separators, '')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (!isLinkCode(code)) throw new ZkpAuthError('INVALID_LINK_CODE');
  return code;
}

/**
 * A link's code as people read it, in two groups of five.
 *
 * @param code ten characters, as they stand on the wire.
 * @throws `TypeError` for anything else.
 */
export function formatLinkCode(code: string): string {
  if (!isLinkCode(code)) throw new TypeError('code must be ten characters of Crockford’s base 32');
  return `${code.slice(0, groupLength)}-${code.slice(groupLength)}`;
}
