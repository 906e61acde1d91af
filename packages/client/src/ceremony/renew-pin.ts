import { constantTimeEqual } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { withUserLock } from '../locks/with-lock.js';
import type { LocalKey } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { replacePinSlot } from './enrol-pin.js';
import { isSessionRevoked } from './look-at-session.js';

/** Seal an open key anew under the same PIN and a fresh pinId, unless another tab has done so. */
export async function renewPin(
  call: Call,
  key: LocalKey,
  { unlocked, pin, pinId }: { unlocked: UnlockedKey; pin: string; pinId: Uint8Array | null },
): Promise<void> {
  await withUserLock(key, call.signal, async () => {
    const slots = await call.storage.listSlots(key, key.credentialId);
    const stillThere = slots.some((slot) => slot.kind === 'pin' && isSame(slot.pinId, pinId));
    if (!stillThere) return;
    try {
      await replacePinSlot(call, key, { unlocked, pin, oldPinId: pinId });
    } catch (error) {
      // The device may have been revoked since the sign-in. Then the end of its session tells the person.
      if (hasCode(error, 'PROOF_REJECTED')) await isSessionRevoked(call, key);
      throw error;
    }
  });
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === null && b === null;
  return constantTimeEqual(a, b);
}
