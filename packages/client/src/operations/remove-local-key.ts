import type { Call } from '../ceremony/call.js';
import { forgettingPasskeys } from '../ceremony/forget-passkeys.js';
import { withUserLock } from '../locks/with-lock.js';
import { forgetEndedOf } from '../sessions/forget-ended-of.js';

/** See `ZkpAuthClient.removeLocalKey`. */
export async function removeLocalKey(call: Call, userId: string): Promise<void> {
  const name = call.nameOf(userId);
  await withUserLock(name, call.signal, async () => {
    await forgettingPasskeys(call, () => call.storage.deleteKey(name));
    await call.marker?.clear(name);
    // The key is gone. A failure to change the report of the session's end does not change that.
    await forgetEndedOf(call.session, userId).catch(() => undefined);
  });
}
