import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import type { KeyRingOptions } from './key-ring-options.js';
import type { KeyRing } from './key-ring.js';
import { openKeyRing } from './open-key-ring.js';

/**
 * A ring in this process's memory, for tests, or for servers whose sessions may end with the process.
 *
 * @example
 * ```ts
 * const auth = createZkpAuth({ origins, stores, keys: await generateSigningKeys(), pinAssistance: false });
 * ```
 */
export async function generateSigningKeys(options: KeyRingOptions = {}): Promise<KeyRing> {
  return openKeyRing({ ...options, store: new InMemoryKeyRingStore(), encrypt: false });
}
