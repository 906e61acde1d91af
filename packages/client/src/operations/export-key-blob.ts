import { ZkpAuthError } from '@zkp-auth/core';
import { withUserLock } from '../with-user-lock.js';
import { type Context, keyName } from './context.js';
import { findKeys } from './find-keys.js';
import { unlock } from './unlock.js';

/** See `ZkpAuthClient.exportKeyBlob`. */
export async function exportKeyBlob(context: Context, userId: string, pin: string): Promise<string> {
  const name = keyName(context, userId);
  return withUserLock(name, context.signal, async () => {
    const [key] = await findKeys(context, name);
    if (key?.state !== 'active') throw new ZkpAuthError('REGISTRATION_UNFINISHED');
    (await unlock(context, key, pin)).dispose();
    return context.storage.exportBlob(name);
  });
}
