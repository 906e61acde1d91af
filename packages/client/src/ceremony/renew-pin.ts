import { constantTimeEqual } from '@zkp-auth/core';
import type { LocalKey, UnlockedKey } from '../vault/key-storage.js';
import { withUserLock } from '../locks/with-user-lock.js';
import type { Context } from './context.js';
import { replacePinSlot } from './replace-pin-slot.js';

/** Seal an open key anew under the same PIN and a fresh pinId, unless another tab has. */
export async function renewPin(
  context: Context,
  key: LocalKey,
  use: { unlocked: UnlockedKey; pin: string; pinId: Uint8Array | null },
): Promise<void> {
  const { unlocked, pin, pinId } = use;
  await withUserLock(key, context.signal, async () => {
    const slots = await context.storage.listSlots(key, key.credentialId);
    const stillThere = slots.some((slot) => slot.kind === 'pin' && isSame(slot.pinId, pinId));
    if (stillThere) await replacePinSlot(context, key, unlocked, { pin, oldPinId: pinId });
  });
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === null && b === null;
  return constantTimeEqual(a, b);
}
