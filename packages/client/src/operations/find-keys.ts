import { ZkpAuthError } from '@zkp-auth/core';
import type { KeyName, LocalKey } from '../storage/key-storage.js';
import type { Context } from './context.js';

/**
 * The keys of a name on this device: the active one alone where there is one, else the pending ones, newest
 * first.
 *
 * @throws `KEY_NOT_FOUND`; `KEY_EVICTED` where the browser cleared what was here; `STORAGE_ERROR` for a record
 * that is there and cannot be read.
 */
export async function findKeys(context: Context, name: KeyName): Promise<LocalKey[]> {
  const keys = await listKeysOf(context, name);
  const active = keys.filter((key) => key.state === 'active');
  if (active.length > 0) return active;
  if (keys.length > 0) return keys;
  if (await context.storage.hasKey(name)) {
    throw new ZkpAuthError('STORAGE_ERROR', 'The key record of this name is damaged.');
  }
  throw new ZkpAuthError(context.marker?.has(name) === true ? 'KEY_EVICTED' : 'KEY_NOT_FOUND');
}

/** All keys of a name on this device, newest first. */
export async function listKeysOf(context: Context, { userId, audience }: KeyName): Promise<LocalKey[]> {
  const keys = await context.storage.listKeys();
  return keys.filter((key) => key.userId === userId && key.audience === audience);
}
