import { randomBytes } from './random.js';

export const challengeLength = 32;
export const challengeIdLength = 16;

/**
 * A challenge, 32 random bytes (protocol section 3).
 *
 * @throws {@link ZkpAuthError} `RNG_FAILURE` if the platform's generator fails.
 */
export function generateChallenge(): Uint8Array {
  return randomBytes(challengeLength);
}
