import fc from 'fast-check';
import { encodeBase64url } from '../src/base64url.js';
import { isValidOrigin } from '../src/origin.js';
import { isValidUserId } from '../src/user-id.js';
import { isDeviceName } from '../src/wire/device.js';

/** Arbitrary members of messages. */
export const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
/** Bytes in base64url. */
export const text = (length: number): fc.Arbitrary<string> => bytes(length).map(encodeBase64url);
export const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
export const milliseconds: fc.Arbitrary<number> = fc.integer({ min: 1, max: 8.64e15 });
export const userId: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map((id) => id.normalize('NFC'))
  .filter(isValidUserId);
export const origin: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('https://', 'http://localhost:'),
    fc.domain(),
    fc.integer({ min: 1024, max: 65_535 }),
  )
  .map(([start, domain, port]) => (start === 'https://' ? `${start}${domain}:${port}` : `${start}${port}`))
  .filter(isValidOrigin);
export const deviceName: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 64 })
  .filter(isDeviceName);

const proof = { userId, challengeId: text(16), origin, audience: origin, proof: bytes(64) };
const credential = { userId, credentialId: text(16) };
/** The members of a proof, and those that name its credential too. */
export const members = { proof, credential, openKey: { ...proof, ...credential } };
