import { assertMessage } from '../assert-message.js';
import { isBytes } from '../bytes.js';
import { constantTimeEqual } from '../constant-time-equal.js';
import { bytesToScalar, groupOrder, Point } from '../curve.js';
import { proofLength } from '../lengths.js';

export interface SplitProof {
  /** 32 bytes, not the encoding of the identity; whether it is canonical is for the caller. */
  R: Uint8Array;
  /** In `[0, L)`. */
  s: bigint;
}

const identity = Point.ZERO.toBytes();

/**
 * The checks that both verifiers share and make before any engine runs, since OpenSSL releases disagree on them.
 *
 * @returns the parts of a well-formed proof, or `null`.
 * @throws `TypeError` for what is not bytes, or a message that is not 32 bytes.
 */
export function splitProof(publicKey: Uint8Array, message: Uint8Array, proof: Uint8Array): SplitProof | null {
  if (!isBytes(publicKey)) throw new TypeError('publicKey must be a Uint8Array');
  assertMessage(message);
  if (!isBytes(proof)) throw new TypeError('proof must be a Uint8Array');
  if (proof.length !== proofLength) return null;
  const R = proof.subarray(0, 32);
  const s = bytesToScalar(proof.subarray(32));
  return s < groupOrder && !constantTimeEqual(R, identity) ? { R, s } : null;
}
