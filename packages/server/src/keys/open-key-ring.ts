import { type Envelope, plainEnvelope, sealedEnvelope } from './envelope.js';
import { checkedKeyRingOptions, type KeyRingOptions, type KeyRingSettings } from './key-ring-options.js';
import type { KeyRingStore } from './key-ring-store.js';
import type { KeyRing } from './key-ring.js';
import { type Environment, readMasterKeys } from './master-keys.js';
import { formatRingContent, newRingContent } from './ring-content.js';
import { RingRecord } from './ring-record.js';
import { generateStoredKey } from './stored-key.js';
import { StoredKeyRing } from './stored-key-ring.js';
import { parseVersion1Key } from './version-1-key.js';

const defaultAlgorithm = 'Ed25519';

export interface OpenKeyRingOptions extends KeyRingOptions {
  /** A `FileKeyRingStore`, a `SqlKeyRingStore`, a `TextKeyRingStore`, or one of your own. */
  store: KeyRingStore;
  /** Whether the ring is kept under a master key, with AES-256-GCM. A ring that stands there in the other way is refused. */
  encrypt: boolean;
  /**
   * Where `ZKP_AUTH_MASTER_KEY` is read from; default `process.env`. 32 bytes in base64url, or several of those with
   * commas between them: the first seals, all open.
   */
  env?: Environment;
}

/**
 * The ring of signing keys in a store: made where there is none, one by all processes that start at once; otherwise
 * every key of it is examined. Nothing that cannot be used is repaired or passed over. A ring that can only be read
 * here opens too, and `onError` is told of what should have been written.
 *
 * @throws `TypeError` for options that cannot work.
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING`, `KEY_RING_INVALID` with what to do, and what the store throws.
 *
 * @example
 * ```ts
 * const keys = await openKeyRing({
 *   store: new SqlKeyRingStore(db),
 *   encrypt: true,
 *   rotateEveryMs: 30 * 24 * 3_600_000,
 * });
 * ```
 */
export async function openKeyRing(options: OpenKeyRingOptions): Promise<KeyRing> {
  const { store, encrypt, env = process.env } = options;
  if (typeof encrypt !== 'boolean') throw new TypeError('encrypt must be true or false');
  const settings = checkedKeyRingOptions(options);
  const envelope = encrypt ? sealedEnvelope(readMasterKeys(env)) : plainEnvelope;
  await prepare(store, envelope, settings);
  return StoredKeyRing.open(new RingRecord(store, envelope), settings);
}

/** Have a ring in the store: a new one where there is none, or one that goes on with the key of a version 1 file. */
async function prepare(
  store: KeyRingStore,
  envelope: Envelope,
  { alg, keepMs, now }: KeyRingSettings,
): Promise<void> {
  for (;;) {
    const stored = await store.read();
    const old = stored === null ? undefined : await parseVersion1Key(envelope.open(stored.content));
    if (old === null) return;
    const active = old ?? (await generateStoredKey(alg ?? defaultAlgorithm));
    const next = await generateStoredKey(alg ?? active.key.alg);
    const content = newRingContent(active, next, { keepMs, nowMs: now() });
    if (await store.replace(stored?.version ?? null, envelope.close(formatRingContent(content)))) return;
  }
}
