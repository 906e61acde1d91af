import { ZkpAuthError } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { findActiveKey } from '../ceremony/find-keys.js';
import { forgettingPasskeys } from '../ceremony/forget-passkeys.js';
import { wipeSecret } from '../ceremony/open-key.js';
import { hasCode } from '../has-code.js';
import { withUserLock } from '../locks/with-lock.js';
import { getPasskeySecret } from '../passkeys/passkey-secrets.js';
import type { LocalKey, LocalSlot } from '../storage/local-key.js';

/** See `ZkpAuthClient.removeSlot`. */
export async function removeSlot(call: Call, userId: string, slotId: string): Promise<void> {
  const name = call.nameOf(userId);
  await withUserLock(name, call.signal, async () => {
    const key = await findActiveKey(call, name);
    const slots = await call.storage.listSlots(name, key.credentialId);
    const asked = slots.find(({ id }) => id === slotId);
    if (asked === undefined) throw new ZkpAuthError('SLOT_NOT_FOUND');
    // An interrupted change leaves several slots of one PIN, and one of them is valid. They are removed together.
    const isGone = (slot: LocalSlot): boolean =>
      slot === asked || (asked.kind === 'pin' && slot.kind === 'pin');
    const left = slots.filter((slot) => !isGone(slot));
    if (left.length === 0) throw new ZkpAuthError('LAST_SLOT');
    if (left.every(({ kind }) => kind === 'passkey')) await assertPasskeyOpens(call, key, left);
    await forgettingPasskeys(call, async () => {
      for (const { id } of slots.filter(isGone)) await call.storage.removeSlot(name, key.credentialId, id);
    });
  });
}

/**
 * Only passkeys would be left to open the key. So one of them has to open it first, or nobody might be able to open it
 * later.
 */
async function assertPasskeyOpens(call: Call, key: LocalKey, slots: LocalSlot[]): Promise<void> {
  const { storage, signal } = call;
  const secret = await getPasskeySecret(slots, signal);
  call.report('unlocking');
  try {
    const opening = storage.unlock(key, key.credentialId, secret).finally(() => wipeSecret(secret));
    (await opening).dispose();
  } catch (cause) {
    if (!hasCode(cause, 'DECRYPTION_FAILED')) throw cause;
    const message = 'The passkey that is left does not open the key. Nothing was removed.';
    throw new ZkpAuthError('LAST_SLOT', message, { cause });
  }
  signal?.throwIfAborted();
}
