import { constantTimeEqual } from '@zkp-auth/core';
import { withUserLock } from '../locks/with-lock.js';
import type { LocalKey } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { replacePinSlot } from './enrol-pin.js';

/** A PIN slot older than this gets a new pinId, so that copies of it become useless. */
const renewAfterMs = 24 * 60 * 60 * 1000;

/**
 * Whether a PIN slot that was just used has to be renewed. The reasons are wrong tries on it, its age, a slot that
 * opens without the server, and the first form of its PIN.
 */
export function isRenewalDue(
  call: Call,
  key: LocalKey,
  use: { pinId: Uint8Array | null; failedTries: number },
): boolean {
  if (!call.pinAssistance) return false;
  const renewedAtMs = Date.parse(key.pinRenewedAt ?? '');
  const fresh = Math.abs(Date.now() - renewedAtMs) < renewAfterMs;
  return use.pinId === null || use.failedTries > 0 || key.oldPinForm === true || !fresh;
}

/** Seal an open key anew under the same PIN and a fresh pinId, unless another tab has done so. */
export async function renewPin(
  call: Call,
  key: LocalKey,
  { unlocked, pin, pinId }: { unlocked: UnlockedKey; pin: string; pinId: Uint8Array | null },
): Promise<void> {
  await withUserLock(key, call.signal, async () => {
    const slots = await call.storage.listSlots(key, key.credentialId);
    const stillThere = slots.some((slot) => slot.kind === 'pin' && isSame(slot.pinId, pinId));
    if (stillThere) await replacePinSlot(call, key, { unlocked, pin, oldPinId: pinId });
  });
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === null && b === null;
  return constantTimeEqual(a, b);
}
