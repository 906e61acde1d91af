import type { KeySlot, UnlockWith } from '../client-types.js';
import { loadPasskeyPrompts, passkeyTools } from '../passkeys/passkey-secrets.js';
import type { Call } from '../ceremony/call.js';
import { forgetPasskeys } from '../ceremony/forget-passkeys.js';
import { openToChange } from '../ceremony/open-to-change.js';
import { changingKey } from '../ceremony/tell-revoked.js';
import { keySlotOf } from './list-slots.js';
import { wipeSecret } from '../ceremony/open-key.js';

/** See `ZkpAuthClient.addPasskeyUnlock`. */
export async function addPasskeyUnlock(
  call: Call,
  userId: string,
  { unlockWith, siteName }: { unlockWith: UnlockWith; siteName: string | undefined },
): Promise<KeySlot> {
  // This comes before the key is opened, because the browser's prompt has to follow soon after the person's click.
  const { createPasskeySecret } = await loadPasskeyPrompts();
  const name = call.nameOf(userId);
  return changingKey(call, { name, unlockWith }, async () => {
    const { key, unlocked } = await openToChange(call, name, { unlockWith, use: 'add-passkey' });
    try {
      const slots = await call.storage.listSlots(key, key.credentialId);
      const { signal } = call;
      const secret = await createPasskeySecret(passkeyTools, { userId, siteName, slots, signal });
      try {
        return keySlotOf(await call.storage.addSlot(unlocked, secret).finally(() => wipeSecret(secret)));
      } catch (error) {
        forgetPasskeys(call, [secret]);
        throw error;
      }
    } finally {
      unlocked.dispose();
    }
  });
}
