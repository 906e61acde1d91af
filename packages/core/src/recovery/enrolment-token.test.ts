import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isValidUserId } from '../user-id.js';
import { enrolmentHashOf, formatEnrolmentToken, parseEnrolmentToken } from './enrolment-token.js';

const secret = new Uint8Array(32).fill(7);
const userId = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter(isValidUserId);

it('a token tells its reader whom it is for, and needs no escape in an address', () => {
  fc.assert(
    fc.property(userId, fc.uint8Array({ minLength: 32, maxLength: 32 }), (name, bytes) => {
      const text = formatEnrolmentToken({ userId: name, secret: bytes });
      expect(text).toMatch(/^[\w-]{43}\.[\w-]+$/);
      expect(parseEnrolmentToken(`\n ${text} `)).toEqual({ userId: name, secret: bytes });
    }),
  );
});

const whole = formatEnrolmentToken({ userId: 'zoë', secret });

it.each([
  ['nothing', ''],
  ['a token that was cut short', whole.slice(0, 40)],
  ['a token without its name', `${whole.split('.')[0]}.`],
  ['more than a token', `${whole}.AAAA`],
  ['a name that is not UTF-8', `${whole.split('.')[0]}._w`],
  ['a name that may not be a user id', `${whole.split('.')[0]}.IA`],
  ['no text', undefined as never],
])('%s is refused', (_, text) => {
  expect(() => parseEnrolmentToken(text)).toThrow(
    expect.objectContaining({ code: 'INVALID_ENROLMENT_TOKEN' }),
  );
});

it('the hash is of a whole secret, or misuse', () => {
  expect(enrolmentHashOf(secret)).toHaveLength(32);
  expect(() => enrolmentHashOf(secret.subarray(1))).toThrow(TypeError);
});
