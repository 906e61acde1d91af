import {
  constantTimeEqual,
  encodeUtf8,
  formatVaultRecord,
  parseVaultRecord,
  type VaultRecord,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { KeyName, LocalKey } from './local-key.js';
import type { StoredKeys } from './record-store.js';

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

/** @throws `KEY_NOT_FOUND`. */
export function recordIn({ active, pending }: StoredKeys, credentialId: string): VaultRecord {
  const found = [active, ...pending].find((value) => isRecordOf(value, credentialId));
  if (found === undefined) throw new ZkpAuthError('KEY_NOT_FOUND');
  return parseVaultRecord(found);
}

/** Whether a stored value is a whole record of this key. A damaged value is not. */
export function isRecordOf(value: unknown, credentialId: string): boolean {
  return localKeys([value], 'active').some((key) =>
    constantTimeEqual(encodeUtf8(key.credentialId), encodeUtf8(credentialId)),
  );
}

export function localKeys(
  values: unknown[],
  state: LocalKey['state'],
  {
    pinRenewedAt,
    mustRotate,
    deviceName,
  }: Pick<StoredKeys, 'pinRenewedAt' | 'mustRotate' | 'deviceName'> = {},
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
          ...(typeof deviceName === 'string' && { deviceName }),
          oldPinForm: slots.some((slot) => slot.kind === 'pin' && slot.pinForm === undefined),
        },
      ];
    } catch {
      return [];
    }
  });
}

/** Whether the stored record has every slot that a change added, and no slot that it removed. */
export function hasArrived(
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
