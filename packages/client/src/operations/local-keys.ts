import type { LocalKey } from '../vault/key-storage.js';
import { withUserLock } from '../locks/with-user-lock.js';
import { type Context, keyName } from '../ceremony/context.js';

/** See `ZkpAuthClient.hasLocalKey`. */
export function hasLocalKey(context: Context, userId: string): Promise<boolean> {
  return context.storage.hasKey(keyName(context, userId));
}

/** See `ZkpAuthClient.listLocalKeys`. */
export async function listLocalKeys({ storage, endpoint }: Context): Promise<LocalKey[]> {
  const keys = await storage.listKeys();
  return keys.filter(({ audience }) => audience === endpoint.audience);
}

/** See `ZkpAuthClient.removeLocalKey`. */
export async function removeLocalKey(context: Context, userId: string): Promise<void> {
  const name = keyName(context, userId);
  await withUserLock(name, context.signal, async () => {
    await context.storage.deleteKey(name);
    await context.marker?.clear(name);
    // The key is gone: what the session is called later is no reason to say otherwise.
    await context.sessions.forgetEnded(userId).catch(() => undefined);
  });
}
