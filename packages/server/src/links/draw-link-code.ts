import { drawRandom } from '../draw-random.js';

/** Crockford's base 32. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 10;

/** The code of a new link: ten characters, 50 random bits. */
export function drawLinkCode(): string {
  // Each character takes the lowest five bits of a byte, so that all are equally likely.
  return Array.from(drawRandom(codeLength), (byte) => alphabet.charAt(byte & 31)).join('');
}
