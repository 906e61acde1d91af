import type { KeyName } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { Ceremony } from './ceremony.js';
import { enrolPin } from './enrol-pin.js';

/**
 * A key blob under a PIN, with a pinId of its own. It can be retired alone, and a change of this device's PIN does not
 * touch it.
 *
 * @param oldPinId the pinId that is retired in the same step.
 */
export async function exportUnderPin(
  call: Call,
  unlocked: UnlockedKey,
  { name, pin, oldPinId }: { name: KeyName; pin: string; oldPinId: Uint8Array | null },
): Promise<string> {
  const ceremony = new Ceremony(call, { purpose: 'change-pin', name });
  const blob = await call.storage.exportBlob(unlocked, { kind: 'pin', pin, assist: ceremony.assistNew });
  await enrolPin(ceremony, unlocked, { oldPinId });
  return blob;
}
