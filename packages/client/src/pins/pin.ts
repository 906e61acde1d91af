import { type InvalidPinReason, ZkpAuthError } from '@zkp-auth/core';

const maxCharacters = 256;

/**
 * The NFKC of a PIN or passphrase. It opens passphrase slots, and PIN slots of the first form. `pin-form.ts` has the
 * second form.
 *
 * @throws `TypeError` if it is not a string.
 * @throws `INVALID_PIN` if it is empty, very long, or has an unpaired surrogate.
 */
export function normalizePin(pin: string): string {
  if (typeof pin !== 'string') throw new TypeError('the PIN or passphrase must be a string');
  const reason = faultOf(pin);
  if (reason === null) return pin.normalize('NFKC');
  throw new ZkpAuthError('INVALID_PIN', `The PIN must have 1 to ${maxCharacters} characters.`, { reason });
}

function faultOf(pin: string): InvalidPinReason | null {
  if (pin.length === 0) return 'too-short';
  if (pin.length > maxCharacters) return 'too-long';
  return pin.isWellFormed() ? null : 'malformed';
}

/** @throws `TypeError` for anything but a PIN or a passkey; as `normalizePin`. */
export function assertUnlockWith(unlockWith: unknown): void {
  if (typeof unlockWith === 'string') normalizePin(unlockWith);
  else if ((unlockWith as { passkey?: unknown } | null)?.passkey !== true) {
    throw new TypeError('unlock with a PIN or with { passkey: true }');
  }
}
