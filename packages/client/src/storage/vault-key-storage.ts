import {
  type Argon2idParameters,
  assertArgon2Parameters,
  computeProof,
  constantTimeEqual,
  credentialIdOf,
  defaultArgon2,
  encodeUtf8,
  formatVaultRecord,
  generateKeyPair,
  parseVaultRecord,
  type VaultRecord,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import { openPinSlot, sealPinSlot } from '../vault/pin-slot.js';
import type { ImportBlobOptions, KeyName, KeyStorage, LocalKey, UnlockedKey } from './key-storage.js';
import type { RecordStore, StoredKeys } from './record-store.js';

export interface VaultKeyStorageOptions {
  /** Cost of the PIN; default 64 MiB, three passes, one lane. */
  argon2?: Argon2idParameters;
  /** Whether the platform may clear the records by itself; default false. */
  evictable?: boolean;
}

/** Larger than any record: what is over it is not read. */
const maxBlobCharacters = 65_536;

/** The vault over any {@link RecordStore}: it does the cryptography, the store only keeps sealed records. */
export class VaultKeyStorage implements KeyStorage {
  readonly evictable: boolean;
  readonly #records: RecordStore;
  readonly #argon2: Argon2idParameters;

  constructor(records: RecordStore, options: VaultKeyStorageOptions = {}) {
    this.#records = records;
    this.#argon2 = options.argon2 ?? defaultArgon2;
    this.evictable = options.evictable ?? false;
    assertArgon2Parameters(this.#argon2);
  }

  async generateAndStore(name: KeyName, pin: string): Promise<UnlockedKey> {
    const { secretKey, publicKey } = generateKeyPair();
    try {
      const { userId, audience } = name;
      const slot = await sealPinSlot({ userId, audience, publicKey }, secretKey, pin, this.#argon2);
      const record: VaultRecord = {
        userId,
        audience,
        credentialId: credentialIdOf(publicKey),
        publicKey,
        createdAt: new Date().toISOString(),
        slots: [slot],
      };
      const stored = await this.#read(name);
      await this.#write(name, { ...stored, pending: [...stored.pending, formatVaultRecord(record)] }, record);
      return unlockedKey(record, secretKey);
    } catch (error) {
      wipe(secretKey);
      throw error;
    }
  }

  async confirmKey(name: KeyName, credentialId: string): Promise<void> {
    const stored = await this.#read(name);
    const active = stored.pending.find((value) => isRecordOf(value, credentialId));
    if (active !== undefined) {
      await this.#write(name, { ...stored, active, pending: [] }, parseVaultRecord(active));
    } else if (!isRecordOf(stored.active, credentialId)) {
      throw new ZkpAuthError('KEY_NOT_FOUND');
    }
  }

  async discardPendingKey(name: KeyName, credentialId: string): Promise<void> {
    const stored = await this.#read(name);
    const pending = stored.pending.filter((value) => !isRecordOf(value, credentialId));
    if (stored.active === null && pending.length === 0) await this.deleteKey(name);
    else await this.#write(name, { ...stored, pending });
  }

  async unlock(name: KeyName, credentialId: string, pin: string): Promise<UnlockedKey> {
    const stored = await this.#read(name);
    const found = [stored.active, ...stored.pending].find((value) => isRecordOf(value, credentialId));
    if (found === undefined) throw new ZkpAuthError('KEY_NOT_FOUND');
    const record = parseVaultRecord(found);
    return unlockedKey(record, await openPinSlot(record, pin));
  }

  async hasKey(name: KeyName): Promise<boolean> {
    return (await this.#read(name)).active !== null;
  }

  async listKeys(): Promise<LocalKey[]> {
    const stored = await this.#store(() => this.#records.list());
    return stored
      .filter(isStoredKeys)
      .flatMap(({ active, pending }) => [...localKeys([active], 'active'), ...localKeys(pending, 'pending')])
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async exportBlob(name: KeyName): Promise<string> {
    const { active } = await this.#read(name);
    if (active === null) throw new ZkpAuthError('KEY_NOT_FOUND');
    return `${JSON.stringify(formatVaultRecord(parseVaultRecord(active)), null, 2)}\n`;
  }

  async importBlob(blob: string, pin: string, options: ImportBlobOptions): Promise<LocalKey> {
    const record = parseBlob(blob);
    const { userId, audience, credentialId, createdAt } = record;
    if (audience !== options.audience || (options.userId !== undefined && userId !== options.userId)) {
      throw new ZkpAuthError('KEY_BLOB_MISMATCH');
    }
    wipe(await openPinSlot(record, pin));
    const name = { userId, audience };
    const stored = await this.#read(name);
    const others = [stored.active, ...stored.pending].filter(
      (value) => value !== null && !isRecordOf(value, credentialId),
    );
    if (others.length > 0 && options.replace !== true) throw new ZkpAuthError('KEY_CONFLICT');
    await this.#write(name, { ...stored, active: formatVaultRecord(record), pending: [] }, record);
    return { ...name, credentialId, createdAt, state: 'active' };
  }

  async deleteKey(name: KeyName): Promise<void> {
    await this.#store(() => this.#records.delete(recordId(name)));
  }

  async #read(name: KeyName): Promise<StoredKeys> {
    const stored = await this.#store(() => this.#records.get(recordId(name)));
    if (stored === undefined) return { ...name, active: null, pending: [] };
    if (!isStoredKeys(stored))
      throw new ZkpAuthError('STORAGE_ERROR', 'The key record of this name is damaged.');
    return stored;
  }

  /** Write, then read back what was written: a key that did not arrive must not be registered. */
  async #write({ userId, audience }: KeyName, value: StoredKeys, expected?: VaultRecord): Promise<void> {
    const id = recordId({ userId, audience });
    await this.#store(() => this.#records.put(id, { ...value, userId, audience }));
    if (expected === undefined) return;
    const back = await this.#store(() => this.#records.get(id));
    if (
      ![back?.active, ...(back?.pending ?? [])].some((record) => isRecordOf(record, expected.credentialId))
    ) {
      throw new ZkpAuthError('STORAGE_ERROR', 'The key that was stored cannot be read back.');
    }
  }

  async #store<T>(access: () => Promise<T>): Promise<T> {
    try {
      return await access();
    } catch (cause) {
      throw new ZkpAuthError('STORAGE_ERROR', undefined, { cause });
    }
  }
}

function recordId({ userId, audience }: KeyName): string {
  return `${audience} ${userId}`;
}

function unlockedKey(record: VaultRecord, secretKey: Uint8Array): UnlockedKey {
  let disposed = false;
  return {
    credentialId: record.credentialId,
    publicKey: record.publicKey,
    async prove(message) {
      if (disposed) throw new ZkpAuthError('VAULT_UNAVAILABLE', 'The key has been closed.');
      return computeProof(secretKey, message);
    },
    dispose() {
      disposed = true;
      wipe(secretKey);
    },
  };
}

function parseBlob(blob: string): VaultRecord {
  if (typeof blob !== 'string') throw new TypeError('blob must be a string');
  if (blob.length > maxBlobCharacters) throw new ZkpAuthError('INVALID_KEY_BLOB');
  let value: unknown;
  try {
    value = JSON.parse(blob);
  } catch (cause) {
    throw new ZkpAuthError('INVALID_KEY_BLOB', undefined, { cause });
  }
  return parseVaultRecord(value);
}

/** What a store gives back is checked: it may be somebody else's, or of another version. */
function isStoredKeys(value: Partial<StoredKeys> | null): value is StoredKeys {
  return (
    typeof value === 'object' && value !== null && Array.isArray(value.pending) && value.active !== undefined
  );
}

/** Whether a stored value is a whole record of this key; a damaged one is nobody's. */
function isRecordOf(value: unknown, credentialId: string): boolean {
  return localKeys([value], 'active').some((key) =>
    constantTimeEqual(encodeUtf8(key.credentialId), encodeUtf8(credentialId)),
  );
}

function localKeys(values: unknown[], state: LocalKey['state']): LocalKey[] {
  return values.flatMap((value) => {
    try {
      const { userId, audience, credentialId, createdAt } = parseVaultRecord(value);
      return [{ userId, audience, credentialId, createdAt, state }];
    } catch {
      return [];
    }
  });
}
