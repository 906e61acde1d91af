import { challengeIdLength, challengeLength } from '@zkp-auth/core';
import { drawRandom } from './draw-random.js';

/**
 * A fresh challenge id and challenge.
 *
 * @throws `RNG_FAILURE` where the platform's generator fails.
 */
export function drawChallenge(): { id: Uint8Array; challenge: Uint8Array } {
  return { id: drawRandom(challengeIdLength), challenge: drawRandom(challengeLength) };
}
