import { encodeBase64url } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import type { ConsumedChallenge } from './consume-challenge.js';
import { outstandingTry } from './outstanding-try.js';

/** Give back the one try that a challenge cost, to the credential that has proven with it. */
export async function giveBackTry(
  { pinAssistance }: Engine,
  { challengeId, challenge, pin }: ConsumedChallenge,
  credentialId: string,
): Promise<void> {
  if (pinAssistance === null || pin?.kind !== 'named') return;
  const tried = outstandingTry(pin.questionHash, challengeId, challenge);
  await storeCall(pinAssistance.store.giveBackTry(encodeBase64url(pin.pinHash), credentialId, tried));
}
