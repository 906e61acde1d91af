import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Forget the pins that were retired longer ago than this. Copies of the record from before then are still refused,
 * but no longer told apart from nonsense: nobody is warned of them. It is optional: a credential keeps few retired pins.
 *
 * @returns how many.
 */
export async function forgetRetiredPins(engine: Engine, olderThanMs: number): Promise<number> {
  const { pinAssistance } = engine;
  if (pinAssistance === null) return 0;
  return storeCall(pinAssistance.store.forgetRetired(engine.now() - olderThanMs));
}
