import { keyRingInvalid } from './key-ring-invalid.js';
import type { KeyRingStore } from './key-ring-store.js';
import { type Environment, readMasterKeys } from './master-keys.js';
import { parseRingContent } from './ring-content.js';
import { ringNameOf } from './ring-name.js';
import { sealedEnvelope } from './envelope.js';
import { isSealed, isSealedAsNow } from './sealed-text.js';
import { parseVersion1Key } from './version-1-key.js';

/**
 * Encrypt a ring in its store. The ring may be plain, sealed under another master key than the first of
 * `ZKP_AUTH_MASTER_KEY`, or sealed by an earlier release. Then start the servers with `encrypt: true`. Running
 * servers keep the keys that they have read. Copies of the plain ring remain in backups and in free pages of a
 * database, so rotate twice once the ring is sealed.
 *
 * @param options.name the ring's name, as in {@link openKeyRing}; default the name of the store.
 * @param options.env the environment with `ZKP_AUTH_MASTER_KEY`; default `process.env`.
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING`; `KEY_RING_INVALID` if there is no ring, or it is damaged, which
 * leaves it as it is; and the store's error.
 *
 * @example
 * ```ts
 * await sealKeyRing({ store: new SqlKeyRingStore(db) });
 * ```
 */
export async function sealKeyRing(options: {
  store: KeyRingStore;
  name?: string;
  env?: Environment;
}): Promise<void> {
  const { store, env = process.env } = options;
  const masterKeys = readMasterKeys(env);
  const envelope = sealedEnvelope(masterKeys, ringNameOf(options));
  for (;;) {
    const stored = await store.read();
    if (stored === null) throw keyRingInvalid('there is none in this store');
    const { version, content } = stored;
    const { text, mark } = isSealed(content) ? envelope.open(content) : { text: content, mark: null };
    if ((await parseVersion1Key(text)) === null) await parseRingContent(text);
    if (isSealedAsNow(content, masterKeys[0])) return;
    if (await store.replace(version, envelope.close(text, mark))) return;
  }
}
