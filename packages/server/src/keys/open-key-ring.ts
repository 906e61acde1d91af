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
  /** Whether the ring is kept under a master key, with AES-256-GCM. A ring that stands there in the other way is refused. */
  encrypt: boolean;
  /**
   * Where `ZKP_AUTH_MASTER_KEY` is read from; default `process.env`. 32 bytes in base64url, or several of those with
   * commas between them: the first seals, all open.
   */
  env?: Environment;
  /**
   * What an encrypted ring is for, such as the origin of the API: at most 256 characters, bound into the seal. A ring
   * that was sealed under another name does not open, so that applications that share a master key need names of their
   * own. Default the name of the store: of a `SqlKeyRingStore` its `name`, else ''.
   */
  name?: string;
  /**
   * The lowest `generation` of an encrypted ring that is accepted; default 0, any. The sealed text shows it, and it grows
   * with each change. Set it where an older ring must not come back, not even at a start.
   */
  leastGeneration?: number;
}

/**
 * The ring of signing keys in a store: made where there is none, one by all processes that start at once; otherwise
 * every key of it is examined. Nothing that cannot be used is repaired or passed over. A ring that can only be read
 * here opens too, and `onError` is told of what should have been written.
 *
 * @throws `TypeError` for options that cannot work.
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING`, `KEY_RING_INVALID` with what to do, `KEY_RING_REPLACED` for one below
 * `leastGeneration`, and what the store throws.
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

/** Have a ring in the store: a new one where there is none, or one that goes on with the key of a version 1 file. */
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

/** Seal a ring of a release before this one so that it says which it is. One that can only be read stays as it is. */
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
