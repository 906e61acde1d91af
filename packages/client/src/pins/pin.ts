import { ZkpAuthError } from '@zkp-auth/core';

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
  if (pin.length === 0 || pin.length > maxCharacters || !pin.isWellFormed()) {
    throw new ZkpAuthError('INVALID_PIN', `The PIN must have 1 to ${maxCharacters} characters.`);
  }
  return pin.normalize('NFKC');
}
