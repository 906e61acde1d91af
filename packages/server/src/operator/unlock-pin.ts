import type { Engine } from '../engine.js';
import { grantedTries } from '../stores/try-policy.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Grant three more tries to the locked pins of a user's credential, or to a single one.
 *
 * @returns the number of pins that this call unlocked.
 */
export async function unlockPin(
  engine: Engine,
  userId: string,
  credentialId: string,
  { pinHash }: { pinHash?: string },
): Promise<number> {
  const { pinAssistance } = engine;
  if (pinAssistance === null) return 0;
  if ((await storeCall(engine.credentials.find(userId, credentialId))) === null) return 0;
  const pins = await storeCall(pinAssistance.store.grantTries(credentialId, grantedTries, pinHash));
  if (pins > 0) engine.emit({ atMs: engine.now(), userId, credentialId, type: 'pin_unlocked', pins });
  return pins;
}
