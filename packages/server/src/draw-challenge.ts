import { challengeIdLength, challengeLength, randomBytes } from '@zkp-auth/core';

const size = challengeIdLength + challengeLength;
/** A draw costs by the call, not by the byte. */
const drawsAtOnce = 64;

let drawn: Uint8Array = new Uint8Array(0);
let used = 0;

/**
 * A fresh challenge id and challenge, each byte of it random and given out once.
 *
 * @throws `RNG_FAILURE` where the platform's generator fails.
 */
export function drawChallenge(): { id: Uint8Array; challenge: Uint8Array } {
  if (used === drawn.length) {
    drawn = randomBytes(size * drawsAtOnce);
    used = 0;
  }
  const own = drawn.slice(used, used + size);
  drawn.fill(0, used, used + size);
  used += size;
  return { id: own.subarray(0, challengeIdLength), challenge: own.subarray(challengeIdLength) };
}
