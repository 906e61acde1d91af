import type { Call } from '../ceremony/call.js';
import { exportUnderPin } from '../ceremony/export-under-pin.js';
import { openToChange } from '../ceremony/open-to-change.js';
import type { UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-lock.js';
import { assertStrongPassphrase } from '../passphrases/assert-strong-passphrase.js';

/** See `ZkpAuthClient.exportKeyBlob`. */
export async function exportKeyBlob(
  call: Call,
  userId: string,
  { unlockWith, passphrase }: { unlockWith: UnlockWith; passphrase: string | undefined },
): Promise<string> {
  if (passphrase !== undefined) await assertStrongPassphrase(passphrase, [userId, call.endpoint.origin]);
  const name = call.nameOf(userId);
  return withUserLock(name, call.signal, async () => {
    const { unlocked } = await openToChange(call, name, { unlockWith, use: 'export' });
    try {
      if (passphrase !== undefined) {
        call.report('unlocking');
        return await call.storage.exportBlob(unlocked, { kind: 'passphrase', passphrase });
      }
      if (typeof unlockWith !== 'string') throw new TypeError('a blob without a passphrase needs the PIN');
      return await exportUnderPin(call, unlocked, { name, pin: unlockWith, oldPinId: null });
    } finally {
      unlocked.dispose();
    }
  });
}
