import { encodeBase64url } from '@zkp-auth/core';
import type { ChallengePin } from '../challenge-record.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** Give back the one try that a challenge cost, to the credential that has proven with it. */
export async function giveBackTry(
  { pinAssistance }: Engine,
  pin: ChallengePin | null,
  credentialId: string,
): Promise<void> {
  if (pinAssistance === null || pin?.kind !== 'named') return;
  await storeCall(pinAssistance.store.giveBackTry(encodeBase64url(pin.pinHash), credentialId));
}
