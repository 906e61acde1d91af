import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** Retire all pins of a credential that has been revoked. */
export async function retirePins(
  { pinAssistance }: Engine,
  credentialId: string,
  atMs: number,
): Promise<void> {
  if (pinAssistance === null) return;
  await storeCall(pinAssistance.store.retireAllOf(credentialId, atMs));
}
