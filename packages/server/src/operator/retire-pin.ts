import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Retire one pin of a user for good, for example if a backup of the key record was lost.
 *
 * @returns whether this call retired it.
 */
export async function retirePin(engine: Engine, userId: string, pinHash: string): Promise<boolean> {
  const { pinAssistance } = engine;
  if (pinAssistance === null) return false;
  const pin = await storeCall(pinAssistance.store.find(pinHash));
  if (pin?.userId !== userId) return false;
  const { credentialId } = pin;
  const atMs = engine.now();
  const retired = await storeCall(pinAssistance.store.retire(pinHash, credentialId, atMs));
  if (retired) engine.emit({ atMs, userId, credentialId, type: 'pin_retired' });
  return retired;
}
