import {
  type Argon2idParameters,
  assertArgon2Parameters,
  constantTimeEqual,
  credentialIdOf,
  defaultArgon2,
  encodeUtf8,
  formatKeyBlob,
  formatVaultRecord,
  generateKeyPair,
  isValidOrigin,
  parseKeyBlob,
  parseVaultRecord,
  type SecretSlot,
  type VaultRecord,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import { hearAnswers } from './hear-answers.js';
import { OpenKey, type OpenKeyParts } from './open-key.js';
import { openRecord, openVersionOne } from './open-slot.js';
import { importPermit, type Permit, permitFor } from './permits.js';
import { sealSlot } from './seal-slot.js';
import { UnansweredQuestions } from './unanswered-questions.js';
import type {
  KeptReturn,
  KeyName,
  KeyStorage,
  KeyUse,
  LocalKey,
  LocalSlot,
  SlotSecret,
  UnlockedKey,
} from './key-storage.js';
import type { RecordChange, RecordStore, StoredKeys } from '../storage/record-store.js';
import { formatKeptReturn, parseKeptReturn } from './kept-return.js';
import { isSlot, localSlotOf, localSlots, slotIdOf } from './slots.js';
import { storageError } from '../storage/storage-error.js';

export interface VaultKeyStorageOptions {
  /** Cost of the PIN; default 64 MiB, three passes, one lane; `m * t` at most 2097152. */
  argon2?: Argon2idParameters;
  /** Whether the platform may clear the records by itself; default false. */
  evictable?: boolean;
  /**
   * The origin of the page, for a vault that knows it better than its caller, as a worker does: proofs bind this one.
   * Default: the one that its caller gives.
   */
  origin?: string;
}

/** After this long a request to enrol a PIN slot cannot arrive any more: its challenge lives for a minute. */
const arrivalMs = 15 * 60 * 1000;

/** The vault over any {@link RecordStore}: it does the cryptography, the store only keeps sealed records. */
export class VaultKeyStorage implements KeyStorage {
  readonly evictable: boolean;
  readonly #records: RecordStore;
  readonly #argon2: Argon2idParameters;
  readonly #origin: string | undefined;
  readonly #openKeys = new WeakMap<UnlockedKey, OpenKey>();
  readonly #questions = new UnansweredQuestions();

  constructor(records: RecordStore, options: VaultKeyStorageOptions = {}) {
    this.#records = records;
    this.#argon2 = options.argon2 ?? defaultArgon2;
    this.evictable = options.evictable ?? false;
    assertArgon2Parameters(this.#argon2);
    this.#origin = options.origin;
    if (options.origin !== undefined && !isValidOrigin(options.origin)) {
      throw new TypeError('origin must be that of an https page, or http on loopback');
    }
  }

  async generateAndStore(name: KeyName, secret: SlotSecret): Promise<UnlockedKey> {
    return this.#unlocked(await this.#generate(name, secret, permitFor('register')));
  }

  async generateSuccessor(key: UnlockedKey, secret: SlotSecret): Promise<UnlockedKey> {
    const old = this.#openKey(key);
    old.beginRotation(secret);
    const successor = await this.#generate(old.record, secret, old.permit);
    old.succeededBy(successor);
    return this.#unlocked(successor);
  }

  async activateKey(name: KeyName, credentialId: string): Promise<void> {
    const { userId, audience } = name;
    await this.#update(name, (stored) => {
      const active = stored.pending.find((value) => isRecordOf(value, credentialId));
      if (active !== undefined) {
        const pinRenewedAt = new Date().toISOString();
        const keys = { userId, audience, active, pending: [], pinRenewedAt };
        return { keys, expected: parseVaultRecord(active) };
      }
      if (isRecordOf(stored.active, credentialId)) return { keys: stored };
      throw new ZkpAuthError('KEY_NOT_FOUND');
    });
  }

  async discardPendingKey(name: KeyName, credentialId: string): Promise<void> {
    await this.#update(name, (stored) => {
      const pending = stored.pending.filter((value) => !isRecordOf(value, credentialId));
      const isEmpty = stored.active === null && pending.length === 0;
      return { keys: isEmpty ? null : { ...stored, pending } };
    });
  }

  async unlock(
    name: KeyName,
    credentialId: string,
    secret: SlotSecret,
    use: KeyUse = 'check',
  ): Promise<UnlockedKey> {
    const permit = permitFor(use);
    const stored = await this.#read(name);
    const record = recordIn(stored, credentialId);
    const mustRotate = stored.mustRotate === true && isRecordOf(stored.active, credentialId);
    const onKnown = (slot: SecretSlot): Promise<void> => this.#settleKnown(name, record, slot);
    return this.#opened({ record, from: 'storage', permit, mustRotate }, secret, (heard) =>
      openRecord(record, heard, { onKnown, questions: this.#questions }),
    );
  }

  async hasKey(name: KeyName): Promise<boolean> {
    return (await this.#read(name)).active !== null;
  }

  async listKeys(): Promise<LocalKey[]> {
    const stored = await this.#store(() => this.#records.list());
    return stored
      .filter(isStoredKeys)
      .flatMap((keys) => [...localKeys([keys.active], 'active', keys), ...localKeys(keys.pending, 'pending')])
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async listSlots(name: KeyName, credentialId: string): Promise<LocalSlot[]> {
    return localSlots(await this.#record(name, credentialId));
  }

  async addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot> {
    const open = this.#openKey(key);
    const { record, from } = open;
    const slot = await open.sealSlot(secret, this.#argon2);
    if (from === 'storage') {
      const added = slot.kind === 'pin' ? { pinAddedAt: new Date().toISOString() } : {};
      await this.#change(record, (current) => ({ ...current, slots: [...current.slots, slot] }), added);
    } else record.slots.push(slot);
    return localSlotOf(slot);
  }

  async settlePinSlot(name: KeyName, credentialId: string, slotId: string): Promise<void> {
    await this.#change(
      { ...name, credentialId },
      (record) => {
        const settled = record.slots.findIndex((slot) => slotIdOf(slot) === slotId);
        if (settled === -1) throw new ZkpAuthError('SLOT_NOT_FOUND');
        // A slot after it is of a later change, by another tab: it may be the one that the server knows by now.
        return { ...record, slots: record.slots.filter((slot, i) => !isSlot(slot, 'pin') || i >= settled) };
      },
      { pinRenewedAt: new Date().toISOString() },
    );
  }

  async removeSlot(name: KeyName, credentialId: string, slotId: string): Promise<void> {
    await this.#change({ ...name, credentialId }, (record) => {
      const slots = record.slots.filter((slot) => slotIdOf(slot) !== slotId);
      if (slots.length === record.slots.length) throw new ZkpAuthError('SLOT_NOT_FOUND');
      if (localSlots({ slots }).length === 0) throw new ZkpAuthError('LAST_SLOT');
      return { ...record, slots };
    });
  }

  async exportBlob(key: UnlockedKey, secret: SlotSecret): Promise<string> {
    const open = this.#openKey(key);
    return formatKeyBlob({ ...open.record, slots: [await open.sealBlob(secret, this.#argon2)] });
  }

  async importBlob(blob: string, secret: SlotSecret, expected: KeyName): Promise<UnlockedKey> {
    const parsed = parseKeyBlob(blob);
    const open = { permit: importPermit(), mustRotate: false };
    if (parsed.version === 1) {
      if (secret.kind !== 'pin') throw new ZkpAuthError('SLOT_NOT_FOUND');
      const record = newRecord(expected, parsed.blob.publicKey);
      return this.#opened({ ...open, record, from: 'version 1 blob' }, secret, () =>
        openVersionOne(parsed.blob, secret.pin),
      );
    }
    const { record } = parsed;
    if (record.audience !== expected.audience || record.userId !== expected.userId) {
      throw new ZkpAuthError('KEY_BLOB_MISMATCH');
    }
    const onKnown = (): Promise<void> => Promise.resolve();
    return this.#opened({ ...open, record: { ...record, slots: [] }, from: 'blob' }, secret, (heard) =>
      openRecord(record, heard, { onKnown, questions: this.#questions }),
    );
  }

  async saveKey(key: UnlockedKey, options: { replace?: boolean } = {}): Promise<LocalKey> {
    const open = this.#openKey(key);
    open.take('save');
    const { record, from } = open;
    const { userId, audience, credentialId } = record;
    const name = { userId, audience };
    const { keys } = await this.#update(name, (stored) => {
      const isOther = (value: unknown): boolean => value !== null && !isRecordOf(value, credentialId);
      if ([stored.active, ...stored.pending].some(isOther) && options.replace !== true) {
        throw new ZkpAuthError('KEY_CONFLICT');
      }
      // One's own backup: what opens the key here beside its PIN, or is of a kind that another version knows, stays.
      const kept = isRecordOf(stored.active, credentialId) ? parseVaultRecord(stored.active).slots : [];
      const saved = { ...record, slots: [...kept.filter((slot) => !isSlot(slot, 'pin')), ...record.slots] };
      return {
        keys: {
          ...name,
          active: formatVaultRecord(saved),
          pending: [],
          pinRenewedAt: new Date().toISOString(),
          ...(from === 'version 1 blob' ? { mustRotate: true } : {}),
        },
        expected: saved,
      };
    });
    return localKeys([keys?.active], 'active', keys ?? {})[0] as LocalKey;
  }

  async listReturns(name: KeyName): Promise<KeptReturn[]> {
    const { returns } = await this.#read(name);
    return (Array.isArray(returns) ? returns : []).flatMap((value) => parseKeptReturn(value) ?? []);
  }

  async saveReturns(name: KeyName, returns: readonly KeptReturn[]): Promise<void> {
    await this.#update(name, (stored) => {
      if (returns.length > 0) return { keys: { ...stored, returns: returns.map(formatKeptReturn) } };
      const { returns: _, ...keys } = stored;
      return { keys: keys.active === null && keys.pending.length === 0 ? null : keys };
    });
  }

  async deleteKey(name: KeyName): Promise<void> {
    this.#questions.clear();
    await this.#store(() => this.#records.delete(recordId(name)));
  }

  /** A new key, sealed and stored as pending. */
  async #generate({ userId, audience }: KeyName, secret: SlotSecret, permit: Permit): Promise<OpenKey> {
    const name = { userId, audience };
    const { secretKey, publicKey } = generateKeyPair();
    try {
      const record = newRecord(name, publicKey);
      const heard = hearAnswers(secret);
      record.slots.push(await sealSlot(record, secretKey, heard.secret, this.#argon2));
      await this.#update(name, (stored) => ({
        keys: { ...stored, pending: [...stored.pending, formatVaultRecord(record)] },
        expected: record,
      }));
      const { answers } = heard;
      const made = { record, secretKey, from: 'storage', permit, answers } as const;
      return new OpenKey({ ...made, pin: pinIn(secret), tried: false, mustRotate: false });
    } catch (error) {
      wipe(secretKey);
      throw error;
    }
  }

  /** Open a key by a secret, and keep what the server answered on the way. */
  async #opened(
    parts: Pick<OpenKeyParts, 'record' | 'from' | 'permit' | 'mustRotate'>,
    secret: SlotSecret,
    open: (heard: SlotSecret) => Promise<Uint8Array>,
  ): Promise<UnlockedKey> {
    const heard = hearAnswers(secret);
    const secretKey = await open(heard.secret);
    const { answers } = heard;
    return this.#unlocked(new OpenKey({ ...parts, secretKey, answers, pin: pinIn(secret), tried: true }));
  }

  #unlocked(open: OpenKey): UnlockedKey {
    const { credentialId, publicKey } = open.record;
    const key: UnlockedKey = {
      credentialId,
      publicKey,
      prove: (request, origin) => open.prove(request, this.#origin ?? origin),
      dispose: () => open.dispose(),
    };
    this.#openKeys.set(key, open);
    return key;
  }

  #openKey(key: UnlockedKey): OpenKey {
    const open = this.#openKeys.get(key);
    if (open === undefined) throw new TypeError('this key was not opened by this storage');
    return open;
  }

  /**
   * Let go of the PIN slots that a slot rules out which has opened with the server's answer. It has replaced the slots
   * before it. The slots after it are of changes that have not arrived, and are kept as long as those still may.
   */
  async #settleKnown(name: KeyName, record: VaultRecord, known: SecretSlot): Promise<void> {
    const { pinAddedAt } = await this.#read(name);
    const mayArrive = Math.abs(Date.now() - Date.parse(pinAddedAt ?? '')) < arrivalMs;
    const at = record.slots.indexOf(known);
    const ruledOut = record.slots.filter(
      (slot, i) => isSlot(slot, 'pin') && (i < at || (i > at && !mayArrive)),
    );
    if (ruledOut.length === 0) return;
    const ids = new Set(ruledOut.map(slotIdOf));
    await this.#change({ ...name, credentialId: record.credentialId }, (current) => ({
      ...current,
      slots: current.slots.filter((slot) => slot.kind === 'unknown' || !ids.has(slotIdOf(slot))),
    }));
  }

  async #record(name: KeyName, credentialId: string): Promise<VaultRecord> {
    return recordIn(await this.#read(name), credentialId);
  }

  /** Change one record as it stands on disk now, and nothing beside it. */
  async #change(
    { credentialId, ...name }: KeyName & { credentialId: string },
    change: (record: VaultRecord) => VaultRecord,
    times: Pick<StoredKeys, 'pinRenewedAt' | 'pinAddedAt'> = {},
  ): Promise<void> {
    await this.#update(name, (stored) => {
      const record = change(recordIn(stored, credentialId));
      const changed = (value: unknown): unknown =>
        isRecordOf(value, credentialId) ? formatVaultRecord(record) : value;
      const keys = { ...stored, active: changed(stored.active), pending: stored.pending.map(changed) };
      return { keys: { ...keys, ...times }, expected: record };
    });
  }

  async #read(name: KeyName): Promise<StoredKeys> {
    return checked(name, await this.#store(() => this.#records.get(recordId(name))));
  }

  /**
   * Change what is stored of a name in one step, then read back what was written: a key or slot that did not arrive must
   * not be relied on. Another page may have changed the rest of it by then.
   */
  async #update({ userId, audience }: KeyName, change: (stored: StoredKeys) => Update): Promise<Update> {
    const name = { userId, audience };
    const id = recordId(name);
    let update: Update = { keys: null };
    let before: StoredKeys | undefined;
    await this.#store(() =>
      updateRecord(this.#records, id, (value) => {
        before = checked(name, value);
        update = change(before);
        if (update.expected !== undefined) assertReadable(update.expected);
        return update.keys === null ? null : { ...update.keys, ...name };
      }),
    );
    const { expected } = update;
    if (expected === undefined) return update;
    const back = await this.#store(() => this.#records.get(id));
    if (!hasArrived(expected, before, back)) {
      throw new ZkpAuthError('STORAGE_ERROR', 'The key that was stored cannot be read back.');
    }
    return update;
  }

  async #store<T>(access: () => Promise<T>): Promise<T> {
    try {
      return await access();
    } catch (cause) {
      throw cause instanceof ZkpAuthError ? cause : storageError(cause);
    }
  }
}

/** A change of what is stored of a name. */
interface Update {
  /** `null` deletes it. */
  keys: StoredKeys | null;
  /** The record that has to be there afterwards. */
  expected?: VaultRecord;
}

/** Whether every slot that a change added to a record is there, and none that it took away. */
function hasArrived(
  expected: VaultRecord,
  before: StoredKeys | undefined,
  back: StoredKeys | undefined,
): boolean {
  const slotsIn = (stored: StoredKeys | undefined): string[] | undefined => {
    const values = [stored?.active, ...(stored?.pending ?? [])];
    const found = values.find((value) => isRecordOf(value, expected.credentialId));
    return found === undefined ? undefined : slotTexts(parseVaultRecord(found));
  };
  const [old = [], wanted, now] = [slotsIn(before), slotTexts(expected), slotsIn(back)];
  if (now === undefined) return false;
  const added = wanted.filter((slot) => !old.includes(slot));
  const removed = old.filter((slot) => !wanted.includes(slot));
  return added.every((slot) => now.includes(slot)) && !removed.some((slot) => now.includes(slot));
}

function slotTexts(record: VaultRecord): string[] {
  const { slots } = formatVaultRecord(record) as { slots: readonly object[] };
  return slots.map((slot) => JSON.stringify(slot));
}

async function updateRecord(records: RecordStore, id: string, change: RecordChange): Promise<void> {
  if (records.update !== undefined) return records.update(id, change);
  const changed = change(await records.get(id));
  return changed === null ? records.delete(id) : records.put(id, changed);
}

function recordId({ userId, audience }: KeyName): string {
  return `${audience} ${userId}`;
}

/** What could not be read back must not take the place of what can: a record with too many slots, for one. */
function assertReadable(record: VaultRecord): void {
  try {
    parseVaultRecord(formatVaultRecord(record));
  } catch (cause) {
    throw new ZkpAuthError('STORAGE_ERROR', `The key cannot be kept so. ${(cause as Error).message}`, {
      cause,
    });
  }
}

function newRecord({ userId, audience }: KeyName, publicKey: Uint8Array): VaultRecord {
  return {
    userId,
    audience,
    credentialId: credentialIdOf(publicKey),
    publicKey,
    createdAt: new Date().toISOString(),
    slots: [],
  };
}

function pinIn(secret: SlotSecret): string | null {
  return secret.kind === 'pin' ? secret.pin : null;
}

/** What is stored of a name. @throws `STORAGE_ERROR` if it is damaged. */
function checked({ userId, audience }: KeyName, stored: StoredKeys | undefined): StoredKeys {
  if (stored === undefined) return { userId, audience, active: null, pending: [] };
  if (!isStoredKeys(stored))
    throw new ZkpAuthError('STORAGE_ERROR', 'The key record of this name is damaged.');
  return stored;
}

/** What a store gives back is checked: it may be somebody else's, or of another version. */
function isStoredKeys(value: Partial<StoredKeys> | null): value is StoredKeys {
  return (
    typeof value === 'object' && value !== null && Array.isArray(value.pending) && value.active !== undefined
  );
}

/** @throws `KEY_NOT_FOUND`. */
function recordIn({ active, pending }: StoredKeys, credentialId: string): VaultRecord {
  const found = [active, ...pending].find((value) => isRecordOf(value, credentialId));
  if (found === undefined) throw new ZkpAuthError('KEY_NOT_FOUND');
  return parseVaultRecord(found);
}

/** Whether a stored value is a whole record of this key; a damaged one is nobody's. */
function isRecordOf(value: unknown, credentialId: string): boolean {
  return localKeys([value], 'active').some((key) =>
    constantTimeEqual(encodeUtf8(key.credentialId), encodeUtf8(credentialId)),
  );
}

function localKeys(
  values: unknown[],
  state: LocalKey['state'],
  { pinRenewedAt, mustRotate }: Pick<StoredKeys, 'pinRenewedAt' | 'mustRotate'> = {},
): LocalKey[] {
  return values.flatMap((value) => {
    try {
      const { userId, audience, credentialId, createdAt, slots } = parseVaultRecord(value);
      return [
        {
          userId,
          audience,
          credentialId,
          createdAt,
          state,
          pinRenewedAt: typeof pinRenewedAt === 'string' ? pinRenewedAt : null,
          mustRotate: mustRotate === true,
          oldPinForm: slots.some((slot) => slot.kind === 'pin' && slot.pinForm === undefined),
        },
      ];
    } catch {
      return [];
    }
  });
}
