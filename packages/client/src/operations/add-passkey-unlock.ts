import type { KeySlot, UnlockWith } from '../client-types.js';
import { createPasskeySecret, loadPasskeyPrompts } from '../passkeys/passkey-secrets.js';
import { withUserLock } from '../locks/with-lock.js';
import type { Call } from '../ceremony/call.js';
import { openToChange } from '../ceremony/open-to-change.js';
import { keySlotOf } from './list-slots.js';
import { wipeSecret } from '../ceremony/open-key.js';

/** See `ZkpAuthClient.addPasskeyUnlock`. */
export async function addPasskeyUnlock(
  call: Call,
  userId: string,
  { unlockWith, siteName }: { unlockWith: UnlockWith; siteName: string | undefined },
): Promise<KeySlot> {
  // This comes before the key is opened, because the browser's prompt has to follow soon after the person's click.
  await loadPasskeyPrompts();
  const name = call.nameOf(userId);
  return withUserLock(name, call.signal, async () => {
    const { key, unlocked } = await openToChange(call, name, { unlockWith, use: 'add-passkey' });
    try {
      const slots = await call.storage.listSlots(key, key.credentialId);
      const { signal } = call;
      const secret = await createPasskeySecret({ userId, siteName, slots, signal });
      return keySlotOf(await call.storage.addSlot(unlocked, secret).finally(() => wipeSecret(secret)));
    } finally {
      unlocked.dispose();
    }
  });
}
