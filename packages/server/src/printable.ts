/**
 * Characters that a terminal or a viewer of logs may act on, or not show. These are controls, line separators, bidi
 * controls, zero-width and other ignorable ones, unpaired surrogates, and every space but U+0020.
 */
const unsafe = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/**
 * A text that is safe to print, such as a user id or the name of a device. An escape such as `\u202e` replaces each
 * UTF-16 unit of an unsafe character. In JSON these are escapes too, so the JSON still means the same.
 *
 * @example
 * ```ts
 * console.log(`${printable(userId)} has signed in`);
 * ```
 */
export function printable(text: string): string {
  return text.replace(unsafe, (character) =>
    Array.from({ length: character.length }, (_, at) => escapeOf(character.charCodeAt(at))).join(''),
  );
}

function escapeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
