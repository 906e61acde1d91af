import { encodeBase64url } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
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
