const maxCharacters = 256;

/**
 * A text from a request for one line of a log, in visible ASCII of at most 256 characters. `?` replaces any other
 * character, and `...` at the end replaces the rest.
 *
 * @param other the characters that become `?`. A space is one of them by default.
 */
export function eventText(value: unknown, other: RegExp = /[^!-~]/g): string {
  const text = String(value);
  const start = text.slice(0, maxCharacters).replace(other, '?');
  return text.length > maxCharacters ? `${start.slice(0, -3)}...` : start;
}
