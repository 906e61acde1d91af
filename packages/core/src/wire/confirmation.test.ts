import { expect, it } from 'vitest';
import { encodeBase64url } from '../base64url.js';
import { formatConfirmation, parseConfirmation } from './confirmation.js';

const id = encodeBase64url(new Uint8Array(16));
const fields = {
  userId: 'Ålice',
  credentialId: id,
  challengeId: id,
  origin: 'https://app.example',
  audience: 'https://api.example',
  proof: encodeBase64url(new Uint8Array(64)),
};

it('a confirmation is read back as it was made', () => {
  expect(parseConfirmation(formatConfirmation(fields))).toEqual({ ...fields, proof: new Uint8Array(64) });
});

it.each([
  ['nothing', ''],
  ['no base64url', '{"userId":1}'],
  ['no JSON', encodeBase64url(new Uint8Array([1, 2]))],
  ['no UTF-8', encodeBase64url(new Uint8Array([0x22, 0xff, 0x22]))],
  ['no object', formatConfirmation([])],
  ['a member that is missing', formatConfirmation({ ...fields, proof: undefined })],
  ['more than there can be', formatConfirmation({ ...fields, more: 'x'.repeat(4096) })],
])('%s is CONFIRMATION_REJECTED', (_, text) => {
  expect(() => parseConfirmation(text)).toThrow(expect.objectContaining({ code: 'CONFIRMATION_REJECTED' }));
});
