import { assertMessage } from './assert-message.js';
import { concatBytes, wipe } from './bytes.js';
import { digestToScalar, groupOrder, scalarToBytes, timesBase } from './edwards25519.js';
import { secretScalar } from './generate-key-pair.js';
import { maxNonceTries, nonceInput, refuseGenerator } from './hedged-nonce.js';
import type { RandomSource } from './random.js';

/**
 * {@link computeProof} with the SHA-512 of Web Crypto: the same proof for the same randomness. A bundle that uses it
 * needs no SHA-512 of its own.
 *
 * @param secretKey 32 bytes, a scalar in `[1, L)` little-endian.
 * @param message exactly 32 bytes.
 * @param options `random`: another generator, for tests.
 * @returns 64 bytes.
 * @throws as `computeProof` does, by rejecting; `TypeError` on a page that browsers give no Web Crypto to.
 *
 * @example
 * ```ts
 * const proof = await computeProofAsync(secretKey, buildMessage(fields));
 * ```
 */
export async function computeProofAsync(
  secretKey: Uint8Array,
  message: Uint8Array,
  options: { random?: RandomSource } = {},
): Promise<Uint8Array> {
  assertMessage(message);
  const x = secretScalar(secretKey);
  const publicKey = timesBase(x);
  const r = await hedgedNonce(secretKey, message, options.random);
  const R = timesBase(r);
  const c = await hashToScalar(concatBytes(R, publicKey, message));
  return concatBytes(R, scalarToBytes((r + c * x) % groupOrder));
}

async function hedgedNonce(
  secretKey: Uint8Array,
  message: Uint8Array,
  random: RandomSource | undefined,
): Promise<bigint> {
  for (let tries = 0; tries < maxNonceTries; tries++) {
    const input = nonceInput(secretKey, message, random);
    const r = await hashToScalar(input);
    wipe(input);
    if (r > 0n) return r;
  }
  return refuseGenerator();
}

async function hashToScalar(bytes: Uint8Array): Promise<bigint> {
  return digestToScalar(new Uint8Array(await crypto.subtle.digest('SHA-512', bytes as BufferSource)));
}
