import { ZkpAuthError } from '@zkp-auth/core';
import type { CallOptions, StoragePersistence } from '../client-types.js';
import { unlessAborted } from '../unless-aborted.js';

/**
 * Read (`persisted`) or ask for (`persist`) the browser's promise to keep this origin's storage. Firefox does not
 * answer before the person does, so an abort ends the waiting and leaves the question.
 */
export async function storagePersistence(
  method: 'persisted' | 'persist',
  { signal }: CallOptions,
): Promise<StoragePersistence> {
  signal?.throwIfAborted();
  const { navigator } = globalThis as { navigator?: { storage?: Partial<StorageManager> } };
  const storage = navigator?.storage;
  if (!storage?.persist) return { persisted: false, supported: false };
  const ask = async (): Promise<boolean> => {
    try {
      return await (storage as StorageManager)[method]();
    } catch (cause) {
      throw new ZkpAuthError('STORAGE_ERROR', 'The browser does not say whether it keeps the storage.', {
        cause,
      });
    }
  };
  return { persisted: await unlessAborted(signal, ask()), supported: true };
}
