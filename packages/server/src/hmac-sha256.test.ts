import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmacSha256 } from './hmac-sha256.js';

it('is what Node.js computes, for keys and messages of every length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
      (bytes, messages) => {
        const key = createSecretKey(bytes);
        // Again with the same key, because a message must not use up the begun state.
        for (const message of messages) {
          expect(Buffer.from(hmacSha256(key, message))).toEqual(
            createHmac('sha256', key).update(message).digest(),
          );
        }
      },
    ),
  );
});

it('keeps the keys apart', () => {
  const message = randomBytes(20);
  const [one, other] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
  expect(hmacSha256(one, message)).not.toEqual(hmacSha256(other, message));
});
