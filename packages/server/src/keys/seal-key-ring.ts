import { keyRingInvalid } from './key-ring-invalid.js';
import type { KeyRingStore } from './key-ring-store.js';
import { type Environment, readMasterKeys } from './master-keys.js';
import { parseRingContent } from './ring-content.js';
import { ringNameOf } from './ring-name.js';
import { sealedEnvelope } from './envelope.js';
import { isSealed, isSealedAsNow } from './sealed-text.js';
import { parseVersion1Key } from './version-1-key.js';

/**
 * Encrypt a ring that stands in its store as it is, or that is sealed under another master key than the first of
 * `ZKP_AUTH_MASTER_KEY`, or by a release before this one. Then start the servers with `encrypt: true`; those that run keep the keys they have read.
 * Copies of the plain ring, in backups and in free pages of a database, remain: rotate twice once it is sealed.
 *
 * @param options.name what the ring is for, as in {@link openKeyRing}; default the name of the store.
 * @param options.env where `ZKP_AUTH_MASTER_KEY` is read from; default `process.env`.
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING`; `KEY_RING_INVALID` where there is no ring, or it is damaged,
 * which is left as it is; and what the store throws.
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
