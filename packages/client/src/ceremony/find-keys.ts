import { ZkpAuthError } from '@zkp-auth/core';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import type { Call } from './call.js';

/**
 * The keys of a name on this device, newest first. A pending key beside an active one is its replacement.
 *
 * @throws `KEY_NOT_FOUND`; `KEY_EVICTED` if the browser cleared the keys of this device; `STORAGE_ERROR` for a record
 * that exists and cannot be read.
 */
export async function findKeys(call: Call, name: KeyName): Promise<LocalKey[]> {
  const keys = await listKeysOf(call, name);
  if (keys.length > 0) return keys;
  if (await call.storage.hasKey(name)) {
    throw new ZkpAuthError('STORAGE_ERROR', 'The key record of this name is damaged.');
  }
  const wasHere = await call.marker?.has(name);
  throw new ZkpAuthError(wasHere === true ? 'KEY_EVICTED' : 'KEY_NOT_FOUND');
}

/** The active key of a name. @throws as {@link findKeys} and {@link activeKeyOf}. */
export async function findActiveKey(call: Call, name: KeyName): Promise<LocalKey> {
  return activeKeyOf(await findKeys(call, name));
}

/** @throws `REGISTRATION_UNFINISHED` if all keys are pending. */
export function activeKeyOf(keys: LocalKey[]): LocalKey {
  const key = keys.find(({ state }) => state === 'active');
  if (key === undefined) throw new ZkpAuthError('REGISTRATION_UNFINISHED');
  return key;
}

/** All keys of a name on this device, newest first. */
export async function listKeysOf(call: Call, { userId, audience }: KeyName): Promise<LocalKey[]> {
  const keys = await call.storage.listKeys();
  return keys.filter((key) => key.userId === userId && key.audience === audience);
}
