const maxCharacters = 256;

/**
 * A text from a request, fit for one line of a log: visible ASCII, at most 256 characters. `?` stands for any other
 * character, and `...` at the end for the rest.
 */
export function eventText(value: unknown): string {
  const text = String(value);
  const start = text.slice(0, maxCharacters).replace(/[^!-~]/g, '?');
  return text.length > maxCharacters ? `${start.slice(0, -3)}...` : start;
}
