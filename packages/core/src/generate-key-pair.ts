import { isBytes } from './bytes.js';
import { bytesToScalar, groupOrder, timesBase } from './edwards25519.js';
import { ZkpAuthError } from './zkp-auth-error.js';
import { secretKeyLength } from './lengths.js';
import { randomBytes, type RandomSource } from './random.js';

export interface KeyPair {
  /** The secret scalar `x` in `[1, L)`, 32 bytes little-endian. Wipe it after use. */
  secretKey: Uint8Array;
  /** `X = x·B`, 32 bytes in canonical encoding. */
  publicKey: Uint8Array;
}

const maxTries = 256;

/**
 * Make a key pair, with `x` uniform in `[1, L)` by bounded rejection sampling (protocol section 1).
 *
 * @throws {@link ZkpAuthError} `RNG_FAILURE` if the generator fails or gives nothing usable in 256 tries. A working
 * one needs two on average.
 *
 * @example
 * ```ts
 * const { secretKey, publicKey } = generateKeyPair();
 * ```
 */
export function generateKeyPair(options: { random?: RandomSource } = {}): KeyPair {
  const secretKey = randomScalar(options.random);
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}

/**
 * A scalar, uniform in `[1, L)`, 32 bytes little-endian. Wipe it after use.
 *
 * @throws {@link ZkpAuthError} `RNG_FAILURE` as {@link generateKeyPair} does.
 */
export function randomScalar(random?: RandomSource): Uint8Array {
  for (let tries = 0; tries < maxTries; tries++) {
    const candidate = randomBytes(secretKeyLength, random);
    candidate[31] = (candidate[31] as number) & 0x1f;
    if (isSecretScalar(bytesToScalar(candidate))) return candidate;
  }
  throw new ZkpAuthError('RNG_FAILURE', `The random generator gave no usable key in ${maxTries} tries.`);
}

/**
 * `X = x·B` for a secret key of 32 bytes.
 *
 * @throws `TypeError` unless it is 32 bytes that hold a scalar in `[1, L)`.
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return timesBase(secretScalar(secretKey));
}

/** The scalar of a secret key, checked. */
export function secretScalar(secretKey: Uint8Array): bigint {
  if (!isBytes(secretKey) || secretKey.length !== secretKeyLength) {
    throw new TypeError('secretKey must be a Uint8Array of 32 bytes');
  }
  const scalar = bytesToScalar(secretKey);
  if (!isSecretScalar(scalar)) throw new TypeError('secretKey is not a scalar in [1, L)');
  return scalar;
}

function isSecretScalar(scalar: bigint): boolean {
  return scalar > 0n && scalar < groupOrder;
}
