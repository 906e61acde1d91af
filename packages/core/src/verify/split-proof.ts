import { assertMessage } from '../assert-message.js';
import { isBytes } from '../bytes.js';
import { constantTimeEqual } from '../constant-time-equal.js';
import { groupOrder, Point, scalarToBytes } from '../curve.js';
import { proofLength } from '../lengths.js';

export interface SplitProof {
  /** 32 bytes, not the encoding of the identity. The caller checks whether it is canonical. */
  R: Uint8Array;
  /** 32 bytes, little-endian, in `[0, L)`. */
  s: Uint8Array;
}

const identity = Point.ZERO.toBytes();
const order = scalarToBytes(groupOrder);

/**
 * The checks that both verifiers make before any engine runs, because OpenSSL releases disagree on them.
 *
 * @returns the parts of a well-formed proof, or `null`.
 * @throws `TypeError` unless all are `Uint8Array`s and the message is 32 bytes.
 */
export function splitProof(publicKey: Uint8Array, message: Uint8Array, proof: Uint8Array): SplitProof | null {
  if (!isBytes(publicKey)) throw new TypeError('publicKey must be a Uint8Array');
  assertMessage(message);
  if (!isBytes(proof)) throw new TypeError('proof must be a Uint8Array');
  if (proof.length !== proofLength) return null;
  const R = proof.subarray(0, 32);
  const s = proof.subarray(32);
  return isBelow(s, order) && !constantTimeEqual(R, identity) ? { R, s } : null;
}

/** Whether `a < b`, both 32 bytes little-endian and public. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (x < y) return true;
    if (x > y) return false;
  }
  return false;
}
