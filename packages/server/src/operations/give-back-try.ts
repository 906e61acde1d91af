import { encodeBase64url } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { isNewPinDue } from '../pin/try-policy.js';
import { storeCall } from '../stores/store-call.js';
import type { ConsumedChallenge } from './consume-challenge.js';

/** Give back the one try that a challenge cost, to the credential that has proven with it. */
export async function giveBackTry(
  { pinAssistance }: Engine,
  { pin }: ConsumedChallenge,
  credentialId: string,
): Promise<void> {
  if (pinAssistance === null || pin?.kind !== 'named') return;
  const [pinHash, questionHash] = [encodeBase64url(pin.pinHash), encodeBase64url(pin.questionHash)];
  await storeCall(pinAssistance.store.giveBackTry(pinHash, credentialId, questionHash));
}

/**
 * Whether the PIN that a challenge named was tried so often that its owner should choose another. Nothing is said of a
 * pin of another credential than the one that has proven.
 */
export async function isNewPinDueAt(
  { pinAssistance }: Engine,
  { pin }: ConsumedChallenge,
  credentialId: string,
): Promise<boolean> {
  if (pinAssistance === null || pin?.kind !== 'named') return false;
  const named = await storeCall(pinAssistance.store.find(encodeBase64url(pin.pinHash)));
  return named?.credentialId === credentialId && isNewPinDue(named);
}
