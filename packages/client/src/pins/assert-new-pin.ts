import { ZkpAuthError } from '@zkp-auth/core';
import { loadPart } from '../load-part.js';
import { pinInForm2 } from './pin-form.js';
import { defaultMinLength, type PinPolicy } from './pin-policy.js';

/** The list is a part of its own, because a page that only signs people in does not need it. */
const loadCommonPins = /* @__PURE__ */ loadPart(() => import('./common-pins.js'));

/** @throws `INVALID_PIN`, `PIN_TOO_COMMON`, each with the reason; `NETWORK_ERROR` if the list cannot be fetched. */
export async function assertNewPin(pin: string, policy: PinPolicy): Promise<void> {
  const { minLength = defaultMinLength, allowCommon = false, check } = policy;
  const form = pinInForm2(pin);
  if (Array.from(form).length < minLength) {
    throw new ZkpAuthError('INVALID_PIN', `The PIN must have at least ${minLength} characters.`, {
      reason: 'too-short',
    });
  }
  if (!allowCommon) {
    const { commonPinMessages, commonPinReason } = await loadCommonPins();
    const reason = commonPinReason(form);
    if (reason !== null) throw new ZkpAuthError('PIN_TOO_COMMON', commonPinMessages[reason], { reason });
  }
  const own = check?.(form);
  if (own !== undefined) throw new ZkpAuthError('INVALID_PIN', own, { reason: 'own-rule' });
}
