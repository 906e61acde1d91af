import { FileKeyRingStore } from './file-key-ring-store.js';
import type { KeyRing } from './key-ring.js';
import { openKeyRing, type OpenKeyRingOptions } from './open-key-ring.js';

/** The options of {@link openKeyRing}, without a store. */
export interface OpenKeyFileOptions extends Omit<OpenKeyRingOptions, 'store' | 'encrypt'> {
  /** Whether the file is encrypted under `ZKP_AUTH_MASTER_KEY`; default false. */
  encrypt?: boolean;
}

/**
 * The ring of signing keys in a file of mode 0600, which the first start makes. It is {@link openKeyRing} with a
 * {@link FileKeyRingStore}. A file of version 1 has one key, and becomes a ring with this key as the active one.
 *
 * @param path the file's path; its folder is made if it is missing.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if the file cannot be read or written, or is open to other users;
 * `KEY_RING_INVALID` if its content is not exactly one whole ring; `MASTER_KEY_MISSING`.
 *
 * @example
 * ```ts
 * const keys = await openKeyFile('./data/signing-keys.json');
 * ```
 */
export async function openKeyFile(path: string, options: OpenKeyFileOptions = {}): Promise<KeyRing> {
  return openKeyRing({ encrypt: false, ...options, store: new FileKeyRingStore(path) });
}
