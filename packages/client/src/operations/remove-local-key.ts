import { withUserLock } from '../with-user-lock.js';
import { type Context, keyName } from './context.js';

/** See `ZkpAuthClient.removeLocalKey`. */
export async function removeLocalKey(context: Context, userId: string): Promise<void> {
  const name = keyName(context, userId);
  await withUserLock(name, context.signal, async () => {
    await context.storage.deleteKey(name);
    context.marker?.clear(name);
  });
}
