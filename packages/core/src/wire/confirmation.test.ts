import { expect, it } from 'vitest';
import { encodeBase64url } from '../base64url.js';
import { encodeUtf8 } from '../bytes.js';
import { formatConfirmation, parseConfirmation } from './confirmation.js';

const id = encodeBase64url(new Uint8Array(16));
const confirmation = {
  userId: 'Ålice',
  credentialId: id,
  challengeId: id,
  origin: 'https://app.example',
  audience: 'https://api.example',
  proof: new Uint8Array(64),
};
const fields = { ...confirmation, proof: encodeBase64url(confirmation.proof) };
const headerOf = (value: unknown) => encodeBase64url(encodeUtf8(JSON.stringify(value)));

it('a confirmation is read back as it was made', () => {
  expect(parseConfirmation(formatConfirmation(confirmation))).toEqual(confirmation);
  expect(parseConfirmation(headerOf({ ...fields, more: 1 }))).toEqual(confirmation);
});

it.each([
  ['nothing', ''],
  ['no base64url', '{"userId":1}'],
  ['no JSON', encodeBase64url(new Uint8Array([1, 2]))],
  ['no UTF-8', encodeBase64url(new Uint8Array([0x22, 0xff, 0x22]))],
  ['no object', headerOf([])],
  ['a member that is missing', headerOf({ ...fields, proof: undefined })],
  ['more than there can be', headerOf({ ...fields, more: 'x'.repeat(4096) })],
])('%s is CONFIRMATION_REJECTED', (_, text) => {
  expect(() => parseConfirmation(text)).toThrow(expect.objectContaining({ code: 'CONFIRMATION_REJECTED' }));
});
