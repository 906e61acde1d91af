import { encodeUtf8, isBytes, wipe } from '../bytes.js';
import { digestToScalar, scalarToBytes } from '../edwards25519.js';
import { ZkpAuthError } from '../zkp-auth-error.js';

/** Random bytes in the twelve words of a recovery kit. */
export const recoveryEntropyLength = 16;

const info = encodeUtf8('zkp-auth/recovery/2');
const outputBits = 512;

/**
 * The secret key of a recovery kit, by HKDF-SHA-512 of Web Crypto over the bytes of its words (protocol section 11.1).
 *
 * @param entropy 16 bytes. The caller wipes them.
 * @returns a scalar in `[1, L)`, 32 bytes little-endian. Wipe it after use.
 * @throws `TypeError` for anything but 16 bytes, and on a page that browsers give no Web Crypto to.
 */
export async function recoveryKeyOf(entropy: Uint8Array): Promise<Uint8Array> {
  if (!isBytes(entropy) || entropy.length !== recoveryEntropyLength)
    throw new TypeError(`entropy must be a Uint8Array of ${recoveryEntropyLength} bytes`);
  const material = await crypto.subtle.importKey('raw', entropy as BufferSource, 'HKDF', false, [
    'deriveBits',
  ]);
  const hkdf = { name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info: info as BufferSource };
  const output = new Uint8Array(await crypto.subtle.deriveBits(hkdf, material, outputBits));
  try {
    return recoveryScalarOf(output);
  } finally {
    wipe(output);
  }
}

/**
 * `int_LE(output) mod L`, 32 bytes little-endian.
 *
 * @param output 64 bytes.
 * @throws {@link ZkpAuthError} `RNG_FAILURE` if it is 0. Nobody will see this. New words are drawn then.
 */
export function recoveryScalarOf(output: Uint8Array): Uint8Array {
  const scalar = digestToScalar(output);
  if (scalar === 0n) throw new ZkpAuthError('RNG_FAILURE', 'These words give no key: draw new ones.');
  return scalarToBytes(scalar);
}
