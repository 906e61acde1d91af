import type { KeySlot, UnlockWith } from '../client-types.js';
import { createPasskeySecret, loadPasskeyPrompts } from '../passkeys/passkey-secrets.js';
import { withUserLock } from '../locks/with-user-lock.js';
import { type Context, keyName } from '../ceremony/context.js';
import { openToChange } from '../ceremony/open-to-change.js';
import { keySlotOf } from './slots.js';
import { wipeSecret } from '../ceremony/unlock.js';

/** See `ZkpAuthClient.addPasskeyUnlock`. */
export async function addPasskeyUnlock(
  context: Context,
  userId: string,
  { unlockWith, siteName }: { unlockWith: UnlockWith; siteName: string | undefined },
): Promise<KeySlot> {
  // Before the key is opened: the browser's prompt has to come soon after the person's click.
  await loadPasskeyPrompts();
  return withUserLock(keyName(context, userId), context.signal, async () => {
    const { key, unlocked } = await openToChange(context, userId, { unlockWith, use: 'add-passkey' });
    try {
      const slots = await context.storage.listSlots(key, key.credentialId);
      const { signal } = context;
      const secret = await createPasskeySecret({ userId, siteName, slots, signal });
      return keySlotOf(await context.storage.addSlot(unlocked, secret).finally(() => wipeSecret(secret)));
    } finally {
      unlocked.dispose();
    }
  });
}
