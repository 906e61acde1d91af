import { formatVaultRecord, type SecretSlot, type VaultRecord, ZkpAuthError } from '@zkp-auth/core';
import {
  formatKeptReturn,
  isSlot,
  type KeptReturn,
  type KeyName,
  type KnownSlot,
  type LocalKey,
  type LocalSlot,
  localSlots,
  parseKeptReturn,
  slotIdOf,
} from './local-key.js';
import type { RecordChange, RecordStore, StoredKeys } from './record-store.js';
import { storageError } from './storage-error.js';
import {
  CheckedIds,
  checkedKeys,
  findRecordOf,
  hasArrived,
  isStoredKeys,
  localKeys,
  recordIn,
  valuesIn,
} from './stored-keys.js';

/** After this long a request to enrol a PIN slot cannot arrive any more, because its challenge lives for a minute. */
const arrivalMs = 15 * 60 * 1000;

/** A record as it is stored. */
export interface FoundRecord {
  record: VaultRecord;
  /** Whether its key has to be replaced. */
  mustRotate: boolean;
}

/** The sealed keys in a {@link RecordStore}. It reads and changes their records, and opens none of them. */
export class KeyBook {
  readonly #records: RecordStore;
  readonly #ids = new CheckedIds();

  constructor(records: RecordStore) {
    this.#records = records;
  }

  async activateKey(name: KeyName, credentialId: string): Promise<void> {
    const { userId, audience } = name;
    await this.#update(name, (stored) => {
      const active = stored.pending.find((value) => this.#isRecordOf(value, credentialId));
      if (active !== undefined) {
        const pinRenewedAt = new Date().toISOString();
        const { deviceName } = stored;
        const keys = { userId, audience, active, pending: [], pinRenewedAt, deviceName };
        return { keys, expected: this.#ids.parse(active) };
      }
      if (this.#isRecordOf(stored.active, credentialId)) return { keys: stored };
      throw new ZkpAuthError('KEY_NOT_FOUND');
    });
  }

  async discardPendingKey(name: KeyName, credentialId: string): Promise<void> {
    await this.#update(name, (stored) => {
      const pending = stored.pending.filter((value) => !this.#isRecordOf(value, credentialId));
      const isEmpty = stored.active === null && pending.length === 0;
      return { keys: isEmpty ? null : { ...stored, pending } };
    });
  }

  async hasKey(name: KeyName): Promise<boolean> {
    return (await this.#read(name)).active !== null;
  }

  async listKeys(): Promise<LocalKey[]> {
    const stored = (await this.#store(() => this.#records.list())).filter(isStoredKeys);
    await this.#ids.learn(stored.flatMap(valuesIn));
    return stored
      .flatMap((keys) => localKeys(this.#ids, keys))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async listSlots(name: KeyName, credentialId: string): Promise<LocalSlot[]> {
    return localSlots(recordIn(this.#ids, await this.#read(name), credentialId));
  }

  async settlePinSlot(name: KeyName, credentialId: string, slotId: string): Promise<void> {
    await this.#change(
      { ...name, credentialId },
      (record) => {
        const settled = record.slots.findIndex((slot) => slotIdOf(slot) === slotId);
        if (settled === -1) throw new ZkpAuthError('SLOT_NOT_FOUND');
        // A later slot comes from a later change in another tab. The server may know that slot by now.
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
    await this.#store(() => this.#records.delete(recordId(name)));
  }

  /** The record of a key. @throws `KEY_NOT_FOUND`. */
  protected async findRecord(name: KeyName, credentialId: string): Promise<FoundRecord> {
    const stored = await this.#read(name);
    const isActive = this.#isRecordOf(stored.active, credentialId);
    return {
      record: recordIn(this.#ids, stored, credentialId),
      mustRotate: stored.mustRotate === true && isActive,
    };
  }

  /** Keep a new record as pending. */
  protected async addPending(record: VaultRecord): Promise<void> {
    const added = formatVaultRecord(record);
    await this.#ids.learn([added]);
    await this.#update(record, (stored) => ({
      keys: { ...stored, pending: [...stored.pending, added] },
      expected: record,
    }));
  }

  /** Add a slot to the current record on disk. */
  protected async appendSlot(record: VaultRecord, slot: KnownSlot): Promise<void> {
    const added = slot.kind === 'pin' ? { pinAddedAt: new Date().toISOString() } : {};
    await this.#change(record, (current) => ({ ...current, slots: [...current.slots, slot] }), added);
  }

  /** Keep an imported record as the active one. See `KeyStorage.saveKey`. */
  protected async saveRecord(
    record: VaultRecord,
    {
      replace,
      mustRotate,
      deviceName,
    }: { replace: boolean; mustRotate: boolean; deviceName: string | undefined },
  ): Promise<LocalKey> {
    const { userId, audience, credentialId } = record;
    const name = { userId, audience };
    await this.#ids.learn([formatVaultRecord(record)]);
    const { keys } = await this.#update(name, (stored) => {
      const isOther = (value: unknown): boolean => value !== null && !this.#isRecordOf(value, credentialId);
      if ([stored.active, ...stored.pending].some(isOther) && !replace) {
        throw new ZkpAuthError('KEY_CONFLICT');
      }
      // The import is the person's own backup. So the slots that open the key here beside its PIN stay, and the slots
      // of kinds that only another version knows.
      const kept = findRecordOf(this.#ids, [stored.active], credentialId)?.slots ?? [];
      const saved = { ...record, slots: [...kept.filter((slot) => !isSlot(slot, 'pin')), ...record.slots] };
      return {
        keys: {
          ...name,
          active: formatVaultRecord(saved),
          pending: [],
          pinRenewedAt: new Date().toISOString(),
          deviceName: deviceName ?? stored.deviceName,
          ...(mustRotate ? { mustRotate } : {}),
        },
        expected: saved,
      };
    });
    return localKeys(this.#ids, keys as StoredKeys)[0] as LocalKey;
  }

  /**
   * The server has answered for `known`, so remove the PIN slots that this rules out. Older slots were replaced by it.
   * Newer slots belong to PIN changes that did not reach the server. They are kept as long as such a request may still
   * arrive.
   */
  protected async settleKnown(name: KeyName, record: VaultRecord, known: SecretSlot): Promise<void> {
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

  /** Change one current record on disk, and nothing else. */
  async #change(
    { credentialId, ...name }: KeyName & { credentialId: string },
    change: (record: VaultRecord) => VaultRecord,
    times: Pick<StoredKeys, 'pinRenewedAt' | 'pinAddedAt'> = {},
  ): Promise<void> {
    await this.#update(name, (stored) => {
      const record = change(recordIn(this.#ids, stored, credentialId));
      const changed = (value: unknown): unknown =>
        this.#isRecordOf(value, credentialId) ? formatVaultRecord(record) : value;
      const keys = { ...stored, active: changed(stored.active), pending: stored.pending.map(changed) };
      return { keys: { ...keys, ...times }, expected: record };
    });
  }

  async #read(name: KeyName): Promise<StoredKeys> {
    const stored = checkedKeys(name, await this.#store(() => this.#records.get(recordId(name))));
    await this.#ids.learn(valuesIn(stored));
    return stored;
  }

  #isRecordOf(value: unknown, credentialId: string): boolean {
    return findRecordOf(this.#ids, [value], credentialId) !== undefined;
  }

  /**
   * Change the stored keys of a name in one step, then read them back. A key or slot that is not on disk must not be
   * relied on. Another page may have changed the other parts by then.
   */
  async #update({ userId, audience }: KeyName, change: (stored: StoredKeys) => Update): Promise<Update> {
    const name = { userId, audience };
    const id = recordId(name);
    let update: Update = { keys: null };
    let before: StoredKeys | undefined;
    const changeChecked = (value: StoredKeys | undefined): StoredKeys | null => {
      before = checkedKeys(name, value);
      if (!this.#ids.covers(valuesIn(before))) throw notLearnt;
      update = change(before);
      if (update.expected !== undefined) this.#assertReadable(update.expected);
      return update.keys === null ? null : { ...update.keys, ...name };
    };
    await this.#store(async () => {
      for (;;) {
        try {
          return await updateRecord(this.#records, id, changeChecked);
        } catch (error) {
          if (error !== notLearnt) throw error;
          await this.#ids.learn(valuesIn(before));
        }
      }
    });
    const { expected } = update;
    if (expected === undefined) return update;
    const back = await this.#store(() => this.#records.get(id));
    await this.#ids.learn(valuesIn(back));
    if (!hasArrived(this.#ids, expected, { before, back })) {
      throw new ZkpAuthError('STORAGE_ERROR', 'The key that was stored cannot be read back.');
    }
    return update;
  }

  /** A record that cannot be read back, for example with too many slots, must not replace a readable one. */
  #assertReadable(record: VaultRecord): void {
    try {
      this.#ids.parse(formatVaultRecord(record));
    } catch (cause) {
      throw new ZkpAuthError('STORAGE_ERROR', `The key cannot be kept so. ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  async #store<T>(access: () => Promise<T>): Promise<T> {
    try {
      return await access();
    } catch (cause) {
      throw cause instanceof ZkpAuthError ? cause : storageError(cause);
    }
  }
}

/** Thrown inside a transaction that found a key which another page has just stored. It is hashed first. */
const notLearnt = new Error('a stored key was not checked yet');

/** A change of the stored keys of a name. */
interface Update {
  /** `null` deletes them. */
  keys: StoredKeys | null;
  /** The record that has to be on disk afterwards. */
  expected?: VaultRecord;
}

async function updateRecord(records: RecordStore, id: string, change: RecordChange): Promise<void> {
  if (records.update !== undefined) return records.update(id, change);
  const changed = change(await records.get(id));
  return changed === null ? records.delete(id) : records.put(id, changed);
}

function recordId({ userId, audience }: KeyName): string {
  return `${audience} ${userId}`;
}
