import { ZkpAuthError } from '@zkp-auth/core';
import { unlessAborted } from '../unless-aborted.js';

/** The browser's answer about this site's storage. It does not cover an application's own `storage` elsewhere. */
export interface StoragePersistence {
  /** Whether the browser keeps the storage until the person clears it. */
  persisted: boolean;
  /**
   * Whether the page can ask the browser. It is `false` in browsers without `navigator.storage.persist`, and outside of
   * browsers.
   */
  supported: boolean;
}

/**
 * Read the browser's promise to keep this origin's storage (`persisted`), or ask for it (`persist`). Firefox does not
 * answer before the person does. An abort ends the waiting, and leaves the question open.
 */
export async function storagePersistence(
  method: 'persisted' | 'persist',
  { signal }: { signal?: AbortSignal | undefined },
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
