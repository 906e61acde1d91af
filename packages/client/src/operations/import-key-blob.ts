import { normalizeUserId, ZkpAuthError } from '@zkp-auth/core';
import type { ImportKeyBlobOptions } from '../client-types.js';
import type { LocalKey } from '../storage/key-storage.js';
import { withUserLock } from '../with-user-lock.js';
import { type Context, keyName } from './context.js';

/** See `ZkpAuthClient.importKeyBlob`. */
export async function importKeyBlob(
  context: Context,
  blob: string,
  pin: string,
  options: ImportKeyBlobOptions,
): Promise<LocalKey> {
  const userId = options.userId ?? userIdIn(blob);
  const name = keyName(context, userId);
  return withUserLock(name, context.signal, async () => {
    context.report('unlocking');
    const key = await context.storage.importBlob(blob, pin, { ...name, replace: options.replace ?? false });
    context.marker?.set(name);
    return key;
  });
}

/** Whose key a blob claims to be, for the lock's name only: the vault checks the blob whole. */
function userIdIn(blob: string): string {
  if (typeof blob !== 'string') throw new TypeError('blob must be a string');
  try {
    return normalizeUserId((JSON.parse(blob) as { userId: string }).userId);
  } catch (cause) {
    throw new ZkpAuthError('INVALID_KEY_BLOB', undefined, { cause });
  }
}
