import type { Call } from '../ceremony/call.js';
import { findActiveKey } from '../ceremony/find-keys.js';
import type { KeySlot } from '../client-types.js';
import type { LocalSlot } from '../storage/local-key.js';

/** See `ZkpAuthClient.listSlots`. */
export async function listSlots(call: Call, userId: string): Promise<KeySlot[]> {
  const key = await findActiveKey(call, call.nameOf(userId));
  const slots = await call.storage.listSlots(key, key.credentialId);
  const pin = slots.findLast(({ kind }) => kind === 'pin');
  return slots.filter((slot) => slot.kind !== 'pin' || slot === pin).map(keySlotOf);
}

export function keySlotOf({ id, kind, pinId }: LocalSlot): KeySlot {
  return { id, kind, assisted: pinId !== null };
}
