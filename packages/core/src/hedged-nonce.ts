import { concatBytes, encodeUtf8, wipe } from './bytes.js';
import { randomBytes, type RandomSource } from './random.js';
import { ZkpAuthError } from './zkp-auth-error.js';

/** How many nonces are drawn before the generator is given up. */
export const maxNonceTries = 256;

/** The bytes whose hash is a nonce: fresh randomness, the key and the message all enter it. Wipe them after use. */
export function nonceInput(
  secretKey: Uint8Array,
  message: Uint8Array,
  random: RandomSource | undefined,
): Uint8Array {
  const fresh = randomBytes(32, random);
  const input = concatBytes(encodeUtf8('zkp-auth/nonce'), fresh, secretKey, message);
  wipe(fresh);
  return input;
}

/** @throws `RNG_FAILURE`. */
export function refuseGenerator(): never {
  throw new ZkpAuthError(
    'RNG_FAILURE',
    `The random generator gave no usable nonce in ${maxNonceTries} tries.`,
  );
}
