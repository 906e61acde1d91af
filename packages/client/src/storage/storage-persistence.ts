import { ZkpAuthError } from '@zkp-auth/core';
import { unlessAborted } from '../unless-aborted.js';

/** What the browser says of this site's storage. It is silent about a `storage` of the application's own elsewhere. */
export interface StoragePersistence {
  /** Whether the browser keeps it until the person clears it. */
  persisted: boolean;
  /** Whether the browser can be asked: `false` for browsers without `navigator.storage.persist`, and outside of them. */
  supported: boolean;
}

/**
 * Read (`persisted`) or ask for (`persist`) the browser's promise to keep this origin's storage. Firefox does not
 * answer before the person does, so an abort ends the waiting and leaves the question.
 */
export async function storagePersistence(
  method: 'persisted' | 'persist',
  { signal }: { signal?: AbortSignal },
): Promise<StoragePersistence> {
  signal?.throwIfAborted();
  const { navigator } = globalThis as { navigator?: { storage?: Partial<StorageManager> } };
  const storage = navigator?.storage;
  if (!storage?.persist) return { persisted: false, supported: false };
  const ask = async (): Promise<boolean> => {
    try {
      return await (storage as StorageManager)[method]();
    } catch (cause) {
      throw new ZkpAuthError('STORAGE_ERROR', undefined, { cause });
    }
  };
  return { persisted: await unlessAborted(signal, ask()), supported: true };
}
