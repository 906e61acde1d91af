import { normalizeUserId } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import type { AuthEvent } from './auth-event.js';
import { formatEvent, printable } from './index.js';

const event = (userId: string): AuthEvent => ({
  atMs: 1_800_000_000_000,
  userId,
  credentialId: 'A'.repeat(22),
  type: 'confirmed',
  action: `pay ${userId}`,
});

/** A character of each class that a terminal or a log acts on, or does not show. */
const unsafe: [string, number][] = [
  ['a NUL', 0x00],
  ['a line feed', 0x0a],
  ['an ESC', 0x1b],
  ['DEL', 0x7f],
  ['a C1 control', 0x9b],
  ['NEL', 0x85],
  ['a soft hyphen', 0xad],
  ['a no-break space', 0xa0],
  ['a wide space', 0x3000],
  ['an Arabic letter mark', 0x61c],
  ['a zero-width space', 0x200b],
  ['a zero-width joiner', 0x200d],
  ['a left-to-right mark', 0x200e],
  ['an embedding', 0x202a],
  ['an override', 0x202e],
  ['an isolate', 0x2066],
  ['the end of an isolate', 0x2069],
  ['a line separator', 0x2028],
  ['a paragraph separator', 0x2029],
  ['a word joiner', 0x2060],
  ['a byte order mark', 0xfeff],
  ['a Hangul filler', 0x3164],
  ['a variation selector', 0xfe0f],
  ['a private character', 0xe000],
  ['a character that is none', 0xffff],
  ['half a pair', 0xd800],
  ['a tag', 0xe0041],
];

describe('a name in the log', () => {
  it.each(unsafe)('with %s is printed with an escape in its place', (_, codePoint) => {
    const name = `anna${String.fromCodePoint(codePoint)}x`;
    const line = formatEvent(event(name));
    expect(line).toMatch(/^2027-01-15T08:00:00\.000Z confirmed \{[ -~]*\}$/);
    const { userId, action } = JSON.parse(line.slice(line.indexOf('{'))) as Record<string, string>;
    expect([userId, action]).toEqual([name, `pay ${name}`]);
    expect(printable(name)).toMatch(/^anna(?:\\u[\da-f]{4}){1,2}x$/);
  });

  it.each(['anna', 'Jürgen Groß', 'Ωmega', '山田 太郎', 'עברית', 'हिन्दी', '👩 o’clock', 'a\\"b'])(
    '%s is printed as it is',
    (name) => {
      expect(printable(name)).toBe(name);
      expect(formatEvent(event(name))).toContain(JSON.stringify(name));
    },
  );

  it.each([0x202e, 0x200b, 0x2028])('U+%i may still stand in an account that exists', (codePoint) => {
    const name = `a${String.fromCodePoint(codePoint)}b`;
    expect(normalizeUserId(name)).toBe(name);
  });
});
