import { ZkpAuthError } from '@zkp-auth/core';
import { commonPinMessages, commonPinReason } from './common-pins.js';
import { pinInForm2 } from './pin-form.js';
import { defaultMinLength, type PinPolicy } from './pin-policy.js';

/** @throws `INVALID_PIN`, `PIN_TOO_COMMON`, each with the reason. */
export function assertNewPin(pin: string, policy: PinPolicy): void {
  const { minLength = defaultMinLength, allowCommon = false, check } = policy;
  const form = pinInForm2(pin);
  if (Array.from(form).length < minLength) {
    throw new ZkpAuthError('INVALID_PIN', `The PIN must have at least ${minLength} characters.`, {
      reason: 'too-short',
    });
  }
  if (!allowCommon) {
    const reason = commonPinReason(form);
    if (reason !== null) throw new ZkpAuthError('PIN_TOO_COMMON', commonPinMessages[reason], { reason });
  }
  const own = check?.(form);
  if (own !== undefined) throw new ZkpAuthError('INVALID_PIN', own, { reason: 'own-rule' });
}
