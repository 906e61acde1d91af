const maxCharacters = 256;

/**
 * A text from a request, fit for one line of a log: visible ASCII, at most 256 characters. `?` stands for any other
 * character, and `...` at the end for the rest.
 *
 * @param other the characters that become `?`: default a space too.
 */
export function eventText(value: unknown, other: RegExp = /[^!-~]/g): string {
  const text = String(value);
  const start = text.slice(0, maxCharacters).replace(other, '?');
  return text.length > maxCharacters ? `${start.slice(0, -3)}...` : start;
}
