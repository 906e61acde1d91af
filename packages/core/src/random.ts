import { isBytes } from './bytes.js';
import { ZkpAuthError } from './zkp-auth-error.js';

/** Gives `length` random bytes. The default is the platform's CSPRNG. Tests pass broken ones. */
export type RandomSource = (length: number) => Uint8Array;

const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));

/**
 * `length` bytes from `source`.
 *
 * @throws {@link ZkpAuthError} `RNG_FAILURE` if the source throws or gives anything but `length` bytes.
 */
export function randomBytes(length: number, source: RandomSource = systemRandom): Uint8Array {
  let bytes: unknown;
  try {
    bytes = source(length);
  } catch (cause) {
    throw new ZkpAuthError('RNG_FAILURE', undefined, { cause });
  }
  if (!isBytes(bytes) || bytes.length !== length) {
    throw new ZkpAuthError('RNG_FAILURE', 'The random generator gave a wrong number of bytes.');
  }
  // The caller may wipe the result, so another source keeps its own bytes.
  return source === systemRandom ? bytes : Uint8Array.from(bytes);
}
