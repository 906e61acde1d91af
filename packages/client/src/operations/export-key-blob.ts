import type { UnlockWith } from '../client-types.js';
import { assertStrongPassphrase } from '../passphrases/assert-strong-passphrase.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import { withUserLock } from '../locks/with-user-lock.js';
import { type Context, keyName } from '../ceremony/context.js';
import { enrolPin } from '../ceremony/enrol-pin.js';
import { openToChange } from '../ceremony/open-to-change.js';

/** See `ZkpAuthClient.exportKeyBlob`. */
export async function exportKeyBlob(
  context: Context,
  userId: string,
  { unlockWith, passphrase }: { unlockWith: UnlockWith; passphrase: string | undefined },
): Promise<string> {
  if (passphrase !== undefined) await assertStrongPassphrase(passphrase, [userId, context.endpoint.origin]);
  return withUserLock(keyName(context, userId), context.signal, async () => {
    const { unlocked } = await openToChange(context, userId, { unlockWith, use: 'export' });
    try {
      if (passphrase !== undefined) {
        context.report('unlocking');
        return await context.storage.exportBlob(unlocked, { kind: 'passphrase', passphrase });
      }
      return await exportUnderPin(context, unlocked, { userId, unlockWith });
    } finally {
      unlocked.dispose();
    }
  });
}

/** The blob gets a pinId of its own: it can be retired alone, and no change of this device's PIN touches it. */
async function exportUnderPin(
  context: Context,
  unlocked: UnlockedKey,
  { userId, unlockWith }: { userId: string; unlockWith: UnlockWith },
): Promise<string> {
  if (typeof unlockWith !== 'string') throw new TypeError('a blob without a passphrase needs the PIN');
  return enrolPin(context, unlocked, {
    userId,
    pin: unlockWith,
    oldPinId: null,
    seal: (secret) => context.storage.exportBlob(unlocked, secret),
  });
}
