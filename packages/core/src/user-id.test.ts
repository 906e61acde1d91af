import { expect, it } from 'vitest';
import { isValidUserId, normalizeUserId } from './user-id.js';

it.each([
  'a',
  'alice',
  'alice@example.com',
  'Ålice',
  '爱丽丝',
  '👩‍💻',
  'x'.repeat(256),
  'é'.repeat(128),
  'two words',
])('a person may be called %s', (name) => {
  expect(isValidUserId(name)).toBe(true);
});

it.each([
  ['empty', ''],
  ['too long', 'x'.repeat(257)],
  ['too long in UTF-8', 'é'.repeat(129)],
  ['an unpaired surrogate', 'a\ud800'],
  ['a control character', 'a\u0000b'],
  ['a C1 control character', 'a\u0085b'],
  ['a line break', 'a\nb'],
  ['leading space', ' a'],
  ['trailing no-break space', 'a\u00a0'],
  ['not NFC', 'e\u0301'],
  ['not a string', 12],
])('the server refuses, never repairs: %s', (_, name) => {
  expect(isValidUserId(name)).toBe(false);
});

it('the client composes what was typed decomposed, and refuses what is then still invalid', () => {
  expect(normalizeUserId('e\u0301')).toBe('\u00e9');
  expect(() => normalizeUserId(' a')).toThrow(expect.objectContaining({ code: 'INVALID_USER_ID' }));
  expect(() => normalizeUserId(3 as never)).toThrow(TypeError);
});
