import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Forget the pins that were retired, or whose credential was revoked, longer ago than `olderThanMs`. Copies of the
 * record from before then are still refused. The server no longer tells them from unknown pinIds, so it warns nobody. A
 * call is optional, because a credential keeps few retired pins.
 *
 * @returns the number of forgotten pins.
 */
export async function forgetRetiredPins(engine: Engine, olderThanMs: number): Promise<number> {
  const { pinAssistance } = engine;
  if (pinAssistance === null) return 0;
  return storeCall(pinAssistance.store.forgetRetired(engine.now() - olderThanMs));
}
