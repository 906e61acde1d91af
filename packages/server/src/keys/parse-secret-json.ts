import { withoutByteOrderMark } from '@zkp-auth/core';

/**
 * Parse JSON that is secret, with or without a byte order mark.
 *
 * @throws `TypeError` without the text, which `JSON.parse` would quote.
 */
export function parseSecretJson(text: string): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(text)) as unknown;
  } catch {
    throw new TypeError('not JSON');
  }
}
