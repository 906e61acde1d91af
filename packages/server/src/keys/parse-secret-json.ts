const byteOrderMark = '\uFEFF';

/** A text without the byte order mark that some editors and secret managers put before it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

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
