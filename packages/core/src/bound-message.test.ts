import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildMessage, type BoundMessageFields } from './bound-message.js';
import { loginContext, registerContext } from './message-context.js';

const base: BoundMessageFields = {
  purpose: 'login',
  origin: 'https://app.example',
  audience: 'https://api.example',
  userId: 'alice',
  credentialId: 'AAAAAAAAAAAAAAAAAAAAAA',
  challengeId: 'AQEBAQEBAQEBAQEBAQEBAQ',
  challenge: new Uint8Array(32).fill(7),
  context: loginContext(),
};
const hex = (fields: BoundMessageFields): string => Buffer.from(buildMessage(fields)).toString('hex');

it.each([
  ['purpose', { purpose: 'register' }],
  ['origin', { origin: 'https://app.example.evil' }],
  ['audience', { audience: 'https://api.example.evil' }],
  ['userId', { userId: 'alicf' }],
  ['credentialId', { credentialId: 'AAAAAAAAAAAAAAAAAAAAAQ' }],
  ['challengeId', { challengeId: 'AQEBAQEBAQEBAQEBAQEBAg' }],
  ['challenge', { challenge: new Uint8Array(32).fill(8) }],
  ['context', { context: loginContext({ sessionKey: new Uint8Array(32) }) }],
] as [string, Partial<BoundMessageFields>][])('a proof cannot be moved to another %s', (_, change) => {
  expect(hex({ ...base, ...change })).not.toBe(hex(base));
});

it('bytes cannot be shifted from one field to the next', () => {
  const text = fc.stringMatching(/^[a-z]{0,4}$/);
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      fc.pre(a !== c || b !== d);
      expect(hex({ ...base, userId: a, credentialId: b })).not.toBe(
        hex({ ...base, userId: c, credentialId: d }),
      );
    }),
  );
});

it('a field over 65 535 bytes or with an unpaired surrogate is misuse', () => {
  expect(() => buildMessage({ ...base, userId: 'x'.repeat(65_536) })).toThrow(TypeError);
  expect(() => buildMessage({ ...base, userId: '\ud800' })).toThrow(TypeError);
});

it('an absent part of a context is not the same as the next part in its place', () => {
  const publicKey = new Uint8Array(32).fill(1);
  const part = new Uint8Array(16).fill(2);
  expect(registerContext({ publicKey, pinId: part })).not.toEqual(
    registerContext({ publicKey, sessionKey: part }),
  );
  expect(registerContext({ publicKey }).length).toBe(2 + 32 + 2 + 2);
});
