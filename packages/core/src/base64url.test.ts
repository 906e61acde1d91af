import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url.js';

it('what was encoded comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(decodeBase64url(encodeBase64url(bytes), bytes.length)).toEqual(bytes);
    }),
  );
});

it.each([
  ['padding', 'AAAAAAAAAAAAAAAAAAAAAA==', 16],
  ['non-zero trailing bits', 'AAAAAAAAAAAAAAAAAAAAAB', 16],
  ['the other alphabet', '++++++++++++++++++++++', 16],
  ['white space', ' AAAAAAAAAAAAAAAAAAAAA', 16],
  ['another length', 'AAAA', 16],
  ['an impossible length', 'AAAAA', undefined],
  ['letters outside ASCII', 'ÄAAA', undefined],
  ['a number', 7, undefined],
])('%s is refused, so that no two texts mean one value', (_, text, length) => {
  expect(decodeBase64url(text, length)).toBeNull();
});
