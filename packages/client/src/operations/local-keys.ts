import type { LocalKey } from '../storage/local-key.js';
import { forgettingPasskeys } from '../ceremony/forget-passkeys.js';
import { withUserLock } from '../locks/with-lock.js';
import type { Call } from '../ceremony/call.js';

/** See `ZkpAuthClient.hasLocalKey`. */
export function hasLocalKey(call: Call, userId: string): Promise<boolean> {
  return call.storage.hasKey(call.nameOf(userId));
}

/** See `ZkpAuthClient.listLocalKeys`. */
export async function listLocalKeys({ storage, endpoint }: Call): Promise<LocalKey[]> {
  const keys = await storage.listKeys();
  return keys.filter(({ audience }) => audience === endpoint.audience);
}

/** See `ZkpAuthClient.removeLocalKey`. */
export async function removeLocalKey(call: Call, userId: string): Promise<void> {
  const name = call.nameOf(userId);
  await withUserLock(name, call.signal, async () => {
    await forgettingPasskeys(call, () => call.storage.deleteKey(name));
    await call.marker?.clear(name);
    // The key is gone. A failure to change the report of the session's end does not change that.
    await call.session.forgetEnded(userId).catch(() => undefined);
  });
}
