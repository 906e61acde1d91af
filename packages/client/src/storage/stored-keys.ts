import {
  constantTimeEqual,
  credentialIdOfAsync,
  encodeBase64url,
  encodeUtf8,
  formatVaultRecord,
  publicKeyIn,
  readVaultRecord,
  type VaultRecord,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { KeyName, LocalKey } from './local-key.js';
import type { StoredKeys } from './record-store.js';

/**
 * The credential ids of the public keys that stored records claim. A transaction of IndexedDB ends if its code waits
 * for a hash. So the keys are hashed outside, and inside a record is checked against the ids that came out.
 */
export class CheckedIds {
  readonly #ids = new Map<string, string>();

  /** Hash the public keys of these values. */
  async learn(values: readonly unknown[]): Promise<void> {
    for (const key of this.#unknownIn(values))
      this.#ids.set(encodeBase64url(key), await credentialIdOfAsync(key));
  }

  /** Whether {@link parse} can check each of these values. */
  covers(values: readonly unknown[]): boolean {
    return this.#unknownIn(values).length === 0;
  }

  /**
   * Read a stored record, and check all of it.
   *
   * @throws `INVALID_KEY_BLOB`, also for a record whose public key was not learnt.
   */
  parse(value: unknown): VaultRecord {
    return readVaultRecord(value, (key) => this.#ids.get(encodeBase64url(key)) ?? '');
  }

  #unknownIn(values: readonly unknown[]): Uint8Array[] {
    return values.flatMap((value) => {
      const key = publicKeyIn(value);
      return key === null || this.#ids.has(encodeBase64url(key)) ? [] : [key];
    });
  }
}

/** The stored keys of a name. @throws `STORAGE_ERROR` if they are damaged. */
export function checkedKeys({ userId, audience }: KeyName, stored: StoredKeys | undefined): StoredKeys {
  if (stored === undefined) return { userId, audience, active: null, pending: [] };
  if (!isStoredKeys(stored))
    throw new ZkpAuthError('STORAGE_ERROR', 'The key record of this name is damaged.');
  return stored;
}

/** The check of a value from a store. It may belong to another application, or to another version. */
export function isStoredKeys(value: Partial<StoredKeys> | null): value is StoredKeys {
  return (
    typeof value === 'object' && value !== null && Array.isArray(value.pending) && value.active !== undefined
  );
}

/** The records in the stored keys of a name, the active one first. */
export function valuesIn(stored: StoredKeys | undefined): unknown[] {
  return [stored?.active, ...(stored?.pending ?? [])];
}

/** A stored value as a record, or `null` if it is damaged. */
function wholeRecord(ids: CheckedIds, value: unknown): VaultRecord | null {
  try {
    return ids.parse(value);
  } catch {
    return null;
  }
}

/** The stored record of a key, or `undefined`. A damaged value is a record of no key. */
export function findRecordOf(
  ids: CheckedIds,
  values: readonly unknown[],
  credentialId: string,
): VaultRecord | undefined {
  for (const value of values) {
    const record = wholeRecord(ids, value);
    if (record !== null && constantTimeEqual(encodeUtf8(record.credentialId), encodeUtf8(credentialId)))
      return record;
  }
  return undefined;
}

/** @throws `KEY_NOT_FOUND`. */
export function recordIn(ids: CheckedIds, stored: StoredKeys, credentialId: string): VaultRecord {
  const found = findRecordOf(ids, valuesIn(stored), credentialId);
  if (found === undefined) throw new ZkpAuthError('KEY_NOT_FOUND');
  return found;
}

/** The whole records among stored keys, in the form that is readable without opening them. */
export function localKeys(ids: CheckedIds, { active, pending, ...stored }: StoredKeys): LocalKey[] {
  const pinRenewedAt = typeof stored.pinRenewedAt === 'string' ? stored.pinRenewedAt : null;
  const ofActive = { state: 'active', pinRenewedAt, mustRotate: stored.mustRotate === true } as const;
  const ofPending = { state: 'pending', pinRenewedAt: null, mustRotate: false } as const;
  const named = typeof stored.deviceName === 'string' ? { deviceName: stored.deviceName } : {};
  return [active, ...pending].flatMap((value, i) => {
    const record = wholeRecord(ids, value);
    if (record === null) return [];
    const { userId, audience, credentialId, createdAt, slots } = record;
    const key = i === 0 ? { ...ofActive, ...named } : ofPending;
    const oldPinForm = slots.some((slot) => slot.kind === 'pin' && slot.pinForm === undefined);
    return [{ userId, audience, credentialId, createdAt, ...key, oldPinForm }];
  });
}

/** Whether the stored record has every slot that a change added, and no slot that it removed. */
export function hasArrived(
  ids: CheckedIds,
  expected: VaultRecord,
  { before, back }: { before: StoredKeys | undefined; back: StoredKeys | undefined },
): boolean {
  const slotsIn = (stored: StoredKeys | undefined): string[] | undefined => {
    const found = findRecordOf(ids, valuesIn(stored), expected.credentialId);
    return found && slotTexts(found);
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
