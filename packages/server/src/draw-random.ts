import { randomBytes } from '@zkp-auth/core';

/** The cost of a draw is in the call, not in the bytes. */
const blockLength = 4_096;

let block: Uint8Array = new Uint8Array(0);
let used = 0;

/**
 * Random bytes, each given out once.
 *
 * @param length at most 4096.
 * @throws `RNG_FAILURE` if the platform's generator fails.
 */
export function drawRandom(length: number): Uint8Array {
  if (used + length > block.length) {
    block = randomBytes(blockLength);
    used = 0;
  }
  const own = block.slice(used, used + length);
  block.fill(0, used, used + length);
  used += length;
  return own;
}
