import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from './base64url.js';
import * as node from './base64url.node.js';
import * as web from './base64url.web.js';

it.each([node, web])('what was encoded comes back: build %#', ({ decodeBase64url, encodeBase64url }) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (bytes, from) => {
      const view = bytes.subarray(from);
      expect(encodeBase64url(view)).toBe(Buffer.from(view).toString('base64url'));
      expect(decodeBase64url(encodeBase64url(view), view.length)).toEqual(Uint8Array.from(view));
    }),
  );
});

it('the two builds decode alike, whatever the text', () => {
  const nearly = fc.string({ unit: fc.constantFrom(...'ABab09-_+/= \n\u00e9'), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: 'binary', maxLength: 12 })), (text) => {
      expect(node.decodeBase64url(text)).toEqual(web.decodeBase64url(text));
    }),
    { numRuns: 2_000 },
  );
});

it('standard base64 is decoded as strictly', () => {
  const bytes = new Uint8Array(16).fill(0xfb);
  const text = Buffer.from(bytes).toString('base64');
  expect(decodeBase64(text, 16)).toEqual(bytes);
  for (const bad of [
    text.slice(0, -1),
    text.slice(0, -2),
    `${text}=`,
    text.replace('+', '-'),
    ` ${text}`,
    7,
  ]) {
    expect(decodeBase64(bad, 16)).toBeNull();
  }
  expect(decodeBase64(text, 15)).toBeNull();
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
  expect(node.decodeBase64url(text, length)).toBeNull();
  expect(web.decodeBase64url(text, length)).toBeNull();
});
