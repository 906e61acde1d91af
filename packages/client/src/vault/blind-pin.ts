import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { constantTimeEqual, encodeUtf8, wipe, ZkpAuthError } from '@zkp-auth/core';

const { oprf } = ristretto255_oprf;

/** A PIN in the vault, blinded for the server (protocol section 5). Dispose of it after use. */
export interface BlindedPin {
  /** 32 bytes. */
  readonly blinded: Uint8Array;
  /**
   * The password of the slot, 64 bytes, made from the PIN and the server's answer. Wipe it after use.
   *
   * @throws `INVALID_RESPONSE` if `evaluated` is not a ristretto255 element, or is the identity.
   */
  finalize(evaluated: Uint8Array): Uint8Array;
  /** Whether this PIN was blinded. */
  isOf(pin: string): boolean;
  dispose(): void;
}

/** @param pin in the form of its slot. */
export function blindPin(pin: string): BlindedPin {
  const input = encodeUtf8(pin);
  const { blind, blinded } = oprf.blind(input);
  return {
    blinded,
    finalize(evaluated) {
      try {
        return oprf.finalize(input, blind, evaluated);
      } catch (cause) {
        throw new ZkpAuthError('INVALID_RESPONSE', 'The server did not evaluate the PIN.', { cause });
      }
    },
    isOf(other) {
      const compared = encodeUtf8(other);
      try {
        return constantTimeEqual(compared, input);
      } finally {
        wipe(compared);
      }
    },
    dispose: () => wipe(input, blind),
  };
}
