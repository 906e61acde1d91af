import {
  type Argon2idParameters,
  assertArgon2Parameters,
  credentialIdOfAsync,
  defaultArgon2,
  formatKeyBlobAsync,
  generateKeyPair,
  isValidOrigin,
  parseKeyBlobAsync,
  type VaultRecord,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import { KeyBook } from '../storage/key-book.js';
import { type KeyName, type LocalKey, type LocalSlot, localSlotOf } from '../storage/local-key.js';
import type { RecordStore } from '../storage/record-store.js';
import { UnansweredQuestions } from './blind-pin.js';
import type { KeyStorage, KeyUse, SaveKeyOptions, SlotSecret, UnlockedKey } from './key-storage.js';
import { OpenKey, type OpenKeyParts } from './open-key.js';
import { openRecord, openVersionOne } from './open-slot.js';
import { hearAnswers, importPermit, type Permit, permitFor } from './permits.js';
import { sealSlot } from './seal-slot.js';

export interface VaultKeyStorageOptions {
  /** Cost of the PIN; default 64 MiB, three passes, one lane. `m * t` is at most 2097152. */
  argon2?: Argon2idParameters;
  /** Whether the platform may clear the records by itself; default false. */
  evictable?: boolean;
  /**
   * The origin of the page that proofs bind, for a vault that knows it better than its caller, such as a worker;
   * default the origin that the caller gives.
   */
  origin?: string;
}

/** The vault over any {@link RecordStore}. It does the cryptography, and the store only keeps sealed records. */
export class VaultKeyStorage extends KeyBook implements KeyStorage {
  readonly evictable: boolean;
  readonly #argon2: Argon2idParameters;
  readonly #origin: string | undefined;
  readonly #openKeys = new WeakMap<UnlockedKey, OpenKey>();
  readonly #questions = new UnansweredQuestions();

  constructor(records: RecordStore, options: VaultKeyStorageOptions = {}) {
    super(records);
    this.#argon2 = options.argon2 ?? defaultArgon2;
    this.evictable = options.evictable ?? false;
    assertArgon2Parameters(this.#argon2);
    this.#origin = options.origin;
    if (options.origin !== undefined && !isValidOrigin(options.origin)) {
      throw new TypeError('origin must be that of an https page, or http on loopback');
    }
  }

  async generateAndStore(name: KeyName, secret: SlotSecret): Promise<UnlockedKey> {
    return this.#unlocked(await this.#generate(name, secret, await permitFor('register')));
  }

  async generateSuccessor(key: UnlockedKey, secret: SlotSecret): Promise<UnlockedKey> {
    const old = this.#openKey(key);
    old.beginRotation(secret);
    const successor = await this.#generate(old.record, secret, old.permit);
    old.succeededBy(successor);
    return this.#unlocked(successor);
  }

  async unlock(
    name: KeyName,
    credentialId: string,
    secret: SlotSecret,
    use: KeyUse = 'check',
  ): Promise<UnlockedKey> {
    const permit = await permitFor(use);
    const found = await this.findRecord(name, credentialId);
    return this.#opened({ ...found, from: 'storage', permit }, secret, (heard) =>
      openRecord(found.record, heard, {
        onKnown: (slot) => this.settleKnown(name, found.record, slot),
        questions: this.#questions,
      }),
    );
  }

  async addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot> {
    const open = this.#openKey(key);
    const slot = await open.sealSlot(secret, this.#argon2);
    if (open.from === 'storage') await this.appendSlot(open.record, slot);
    else open.record.slots.push(slot);
    return localSlotOf(slot);
  }

  async exportBlob(key: UnlockedKey, secret: SlotSecret): Promise<string> {
    const open = this.#openKey(key);
    return formatKeyBlobAsync({ ...open.record, slots: [await open.sealBlob(secret, this.#argon2)] });
  }

  async importBlob(blob: string, secret: SlotSecret, expected: KeyName): Promise<UnlockedKey> {
    const parsed = await parseKeyBlobAsync(blob);
    const open = { permit: importPermit(), mustRotate: false };
    if (parsed.version === 1) {
      if (secret.kind !== 'pin') throw new ZkpAuthError('SLOT_NOT_FOUND');
      const record = await newRecord(expected, parsed.blob.publicKey);
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

  async saveKey(key: UnlockedKey, { replace = false, deviceName }: SaveKeyOptions = {}): Promise<LocalKey> {
    const open = this.#openKey(key);
    open.take('save');
    return this.saveRecord(open.record, { replace, mustRotate: open.from === 'version 1 blob', deviceName });
  }

  override async deleteKey(name: KeyName): Promise<void> {
    this.#questions.clear();
    await super.deleteKey(name);
  }

  /** Make a new key, seal it and store it as pending. */
  async #generate(name: KeyName, secret: SlotSecret, permit: Permit): Promise<OpenKey> {
    const { secretKey, publicKey } = generateKeyPair();
    try {
      const record = await newRecord(name, publicKey);
      const heard = hearAnswers(secret);
      record.slots.push(await sealSlot(record, secretKey, heard.secret, this.#argon2));
      await this.addPending(record);
      const { answers } = heard;
      const made = { record, secretKey, from: 'storage', permit, answers } as const;
      return new OpenKey({ ...made, pin: pinIn(secret), tried: false, mustRotate: false });
    } catch (error) {
      wipe(secretKey);
      throw error;
    }
  }

  /** Open a key with a secret, and keep the server's answers on the way. */
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
}

async function newRecord({ userId, audience }: KeyName, publicKey: Uint8Array): Promise<VaultRecord> {
  return {
    userId,
    audience,
    credentialId: await credentialIdOfAsync(publicKey),
    publicKey,
    createdAt: new Date().toISOString(),
    slots: [],
  };
}

function pinIn(secret: SlotSecret): string | null {
  return secret.kind === 'pin' ? secret.pin : null;
}
