import { ZkpAuthError } from '@zkp-auth/core';
import { checkedInteger } from '../checked-integer.js';
import { type Envelope, plainEnvelope, sealedEnvelope } from './envelope.js';
import { checkedKeyRingOptions, type KeyRingOptions, type KeyRingSettings } from './key-ring-options.js';
import type { KeyRingStore, StoredRing } from './key-ring-store.js';
import type { KeyRing } from './key-ring.js';
import { type Environment, readMasterKeys } from './master-keys.js';
import { formatRingContent, newRingContent, parseRingContent } from './ring-content.js';
import { ringNameOf } from './ring-name.js';
import { RingRecord } from './ring-record.js';
import { generateStoredKey } from './stored-key.js';
import { StoredKeyRing } from './stored-key-ring.js';
import { parseVersion1Key } from './version-1-key.js';

const defaultAlgorithm = 'Ed25519';

export interface OpenKeyRingOptions extends KeyRingOptions {
  /** A `FileKeyRingStore`, a `SqlKeyRingStore`, a `TextKeyRingStore`, or one of your own. */
  store: KeyRingStore;
  /** Whether the ring is sealed under a master key, with AES-256-GCM. A stored ring of the other form is refused. */
  encrypt: boolean;
  /**
   * The environment with `ZKP_AUTH_MASTER_KEY`; default `process.env`. The variable has 32 bytes in base64url, or
   * several such keys with commas between them. The first seals, and all open.
   */
  env?: Environment;
  /**
   * The name that an encrypted ring is bound to, such as the origin of the API, at most 256 characters. A ring that
   * was sealed under another name does not open. Applications that share a master key need different names. Default:
   * the name of the store, which is `name` for a `SqlKeyRingStore`, and '' for the other stores.
   */
  name?: string;
  /**
   * The lowest `generation` of an encrypted ring that is accepted; default 0, any. The sealed text shows its
   * generation, which grows with each change. Set it if an older ring must not come back, not even at a start.
   */
  leastGeneration?: number;
}

/**
 * The ring of signing keys in a store. If there is none, a new ring is made, and all processes that start at once get
 * the same one. If there is one, each of its keys is examined. A ring with an unusable part is refused, never
 * repaired. A ring that can only be read here opens too. `onError` then gets the changes that could not be written.
 *
 * @throws `TypeError` for options that cannot work.
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING`, `KEY_RING_INVALID` with the remedy, `KEY_RING_REPLACED` if the
 * ring is below `leastGeneration`, and the store's error.
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
  const leastGeneration = checkedInteger('leastGeneration', options.leastGeneration ?? 0, 0);
  const name = ringNameOf(options);
  const envelope = encrypt ? sealedEnvelope(readMasterKeys(env), name) : plainEnvelope;
  await prepare(store, envelope, settings);
  return StoredKeyRing.open(new RingRecord(store, envelope, leastGeneration), settings);
}

/**
 * Make sure that the store has a ring. If there is none, write a new one. A version 1 file becomes a ring with its
 * key.
 */
async function prepare(
  store: KeyRingStore,
  envelope: Envelope,
  { alg, keepMs, now, report }: KeyRingSettings,
): Promise<void> {
  for (;;) {
    const stored = await store.read();
    const opened = stored === null ? null : envelope.open(stored.content);
    const old = opened === null ? undefined : await parseVersion1Key(opened.text);
    if (old === null) {
      if (stored === null || opened === null || !envelope.marks || opened.mark !== null) return;
      if (await isSealedAnew({ store, stored, text: opened.text, envelope, report })) return;
      continue;
    }
    const active = old ?? (await generateStoredKey(alg ?? defaultAlgorithm));
    const next = await generateStoredKey(alg ?? active.key.alg);
    const content = newRingContent(active, next, { keepMs, nowMs: now() });
    if (
      await store.replace(
        stored?.version ?? null,
        envelope.close(formatRingContent(content), opened?.mark ?? null),
      )
    )
      return;
  }
}

interface Unmarked {
  store: KeyRingStore;
  stored: StoredRing;
  text: string;
  envelope: Envelope;
  report: (error: unknown) => void;
}

/** Seal a ring of an earlier release again, so that it has a mark. A ring that can only be read stays as it is. */
async function isSealedAnew({ store, stored, text, envelope, report }: Unmarked): Promise<boolean> {
  await parseRingContent(text);
  try {
    return await store.replace(stored.version, envelope.close(text, null));
  } catch (cause) {
    const reason = cause instanceof Error ? ` ${cause.message}` : '';
    const message = `The ring of signing keys is in use, but could not be sealed anew, so that it does not say which ring it is, and how new.${reason}`;
    report(new ZkpAuthError('KEY_RING_NOT_WRITTEN', message, { cause }));
    return true;
  }
}
