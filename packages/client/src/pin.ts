import { ZkpAuthError } from '@zkp-auth/core';

const minCharacters = 6;
const maxCharacters = 256;

/**
 * The NFKC of a PIN, which is what opens a slot.
 *
 * @throws `TypeError` where it is not a string.
 * @throws `INVALID_PIN` where it is empty, very long, or has an unpaired surrogate.
 */
export function normalizePin(pin: string): string {
  if (typeof pin !== 'string') throw new TypeError('pin must be a string');
  if (pin.length === 0 || pin.length > maxCharacters || !pin.isWellFormed()) {
    throw new ZkpAuthError('INVALID_PIN', `The PIN must have 1 to ${maxCharacters} characters.`);
  }
  return pin.normalize('NFKC');
}

/** @throws `INVALID_PIN` where a PIN is too short to be given to a new key. */
export function assertNewPin(pin: string): void {
  if (Array.from(normalizePin(pin)).length < minCharacters) throw new ZkpAuthError('INVALID_PIN');
}
