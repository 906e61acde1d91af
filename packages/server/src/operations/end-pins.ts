import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * End the pins of a credential that is neither live nor pending. The pins of a replaced one are retired, so that the
 * use of an old copy raises the alarm. The pins of a revoked one are frozen, so that its device can learn of it.
 */
export async function endPins(
  { pinAssistance }: Engine,
  { credentialId, replacedBy = null }: { credentialId: string; replacedBy?: string | null | undefined },
  atMs: number,
): Promise<void> {
  if (pinAssistance === null) return;
  const { store } = pinAssistance;
  await storeCall(
    replacedBy === null ? store.freezeAllOf(credentialId, atMs) : store.retireAllOf(credentialId, atMs),
  );
}
