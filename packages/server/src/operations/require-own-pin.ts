import { type ChallengeRequest, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { pinHashOf } from '../pin/pin-hash.js';
import { storeCall } from '../stores/store-call.js';
import { requirePinAssistance } from './require-pin-assistance.js';

/**
 * Refuse a pin of another credential than the one that the request names. Nothing is counted, and the answer is that to
 * an unknown pin.
 *
 * @throws {@link ZkpAuthError} `PIN_LOCKED`.
 */
export async function requireOwnPin(
  engine: Engine,
  { userId, credentialId, pin: question }: ChallengeRequest,
): Promise<void> {
  if (question?.id === undefined) return;
  const { store } = requirePinAssistance(engine);
  const pin = await storeCall(store.find(pinHashOf(question.id)));
  if (pin?.userId !== userId || pin.credentialId !== credentialId) throw new ZkpAuthError('PIN_LOCKED');
}
