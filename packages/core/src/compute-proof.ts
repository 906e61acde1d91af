import { assertMessage } from './assert-message.js';
import { concatBytes, wipe } from './bytes.js';
import { hashToScalar } from './curve.js';
import { groupOrder, scalarToBytes, timesBase } from './edwards25519.js';
import { secretScalar } from './generate-key-pair.js';
import { maxNonceTries, nonceInput, refuseGenerator } from './hedged-nonce.js';
import type { RandomSource } from './random.js';

/**
 * Prove knowledge of `x` over a message of 32 bytes. The proof is `R ‖ s` with `s = r + H(R ‖ X ‖ m)·x mod L`
 * (protocol section 1). The nonce `r` is hedged: fresh randomness, the key and the message all enter it. So a
 * generator that repeats itself does not give one `r` to two messages.
 *
 * The message must come from {@link buildMessage}. The equation is that of an Ed25519 signature, so a prover whose
 * peer chooses `message` signs any text for that peer.
 *
 * @param secretKey 32 bytes, a scalar in `[1, L)` little-endian.
 * @param message exactly 32 bytes.
 * @param options `random`: another generator, for tests.
 * @returns 64 bytes.
 * @throws `TypeError` for arguments of a wrong type or length.
 * @throws {@link ZkpAuthError} `RNG_FAILURE` if the generator fails.
 *
 * @example
 * ```ts
 * const proof = computeProof(secretKey, buildMessage(fields));
 * ```
 */
export function computeProof(
  secretKey: Uint8Array,
  message: Uint8Array,
  options: { random?: RandomSource } = {},
): Uint8Array {
  assertMessage(message);
  const x = secretScalar(secretKey);
  const publicKey = timesBase(x);
  const r = hedgedNonce(secretKey, message, options.random);
  const R = timesBase(r);
  const c = hashToScalar(R, publicKey, message);
  return concatBytes(R, scalarToBytes((r + c * x) % groupOrder));
}

function hedgedNonce(secretKey: Uint8Array, message: Uint8Array, random?: RandomSource): bigint {
  for (let tries = 0; tries < maxNonceTries; tries++) {
    const input = nonceInput(secretKey, message, random);
    const r = hashToScalar(input);
    wipe(input);
    if (r > 0n) return r;
  }
  return refuseGenerator();
}
