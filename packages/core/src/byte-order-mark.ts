const byteOrderMark = '\uFEFF';

/** A text without the byte order mark that some editors and secret managers put before it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}
