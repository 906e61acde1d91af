import type { NamedChallenge } from '../challenges/challenges.js';
import type { Engine } from '../engine.js';
import type { Pin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { challengeHashOf } from './pin-try.js';

/**
 * Give back the one try that a challenge cost, to the credential that used it for a proof. The try is found by the
 * challenge's hash among the credential's own pins.
 *
 * @returns the pin after that, or `null` if this call gave nothing back.
 */
export async function giveBackTry(
  { pinAssistance }: Engine,
  { cameWithTry, challenge }: Pick<NamedChallenge, 'cameWithTry' | 'challenge'>,
  credentialId: string,
): Promise<Pin | null> {
  if (pinAssistance === null || !cameWithTry) return null;
  return storeCall(pinAssistance.store.giveBackTryOf(credentialId, challengeHashOf(challenge)));
}
