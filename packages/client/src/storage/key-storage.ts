import type { TryReturn } from '@zkp-auth/core';

/** Which key: one user at one server. */
export interface KeyName {
  /** Normalized, see `normalizeUserId` of core. */
  userId: string;
  /** Origin of the server. */
  audience: string;
}

/** A proof that gives a try of a PIN slot back, kept until the server has given it back. */
export interface KeptReturn extends TryReturn {
  /** Of the slot, 16 bytes. */
  pinId: Uint8Array;
}

/** What can be said of a stored key without opening it. */
export interface LocalKey extends KeyName {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** `pending`: the server has not been heard to accept it. */
  state: 'active' | 'pending';
  /** When the server was last heard to accept its PIN slot, ISO 8601; `null` where that is not known. */
  pinRenewedAt: string | null;
  /** It came from a first-generation blob: copies of that stay guessable until the key is replaced. */
  mustRotate: boolean;
  /** Whether a PIN slot is sealed under the first form of its PIN, and renewed at the next login with it; default false. */
  oldPinForm?: boolean;
}

/** One way to open a key. */
export interface LocalSlot {
  id: string;
  kind: 'pin' | 'passphrase' | 'passkey';
  /** 16 bytes, for a PIN slot that opens with the server's help. */
  pinId: Uint8Array | null;
  /** For a passkey slot: the passkey's credential id. */
  passkeyId: Uint8Array | null;
  /** For a passkey slot: the PRF's input, 32 bytes. */
  salt: Uint8Array | null;
  /** For a passkey slot: how the passkey is reached, as WebAuthn names it, if that is known. */
  transports?: readonly string[];
}

/** A blinded PIN on its way to the server. */
export interface PinAssistQuestion {
  /** Of the key that the PIN is for. */
  credentialId: string;
  /** 16 bytes; `null` asks for a new one. */
  pinId: Uint8Array | null;
  /** 32 bytes, from which nobody learns anything of the PIN. */
  blinded: Uint8Array;
}

/** Have the server evaluate a blinded PIN (protocol section 5). What it throws ends the call that needed it. */
export type PinAssist = (
  question: PinAssistQuestion,
) => Promise<{ pinId: Uint8Array; evaluated: Uint8Array }>;

/** What opens a slot, or what a new one is sealed under. */
export type SlotSecret =
  | {
      kind: 'pin';
      pin: string;
      /** For a new slot, `null` makes one that opens without the server; an existing one opens as it was made. */
      assist: PinAssist | null;
    }
  | { kind: 'passphrase'; passphrase: string }
  | {
      kind: 'passkey';
      passkeyId: Uint8Array;
      /** 32 bytes, the PRF's input. */
      salt: Uint8Array;
      /** For a new slot: how the passkey is reached. */
      transports?: readonly string[];
      /** 32 bytes. */
      prfOutput: Uint8Array;
    };

/** An open key: it proves, and never shows its secret. */
export interface UnlockedKey {
  readonly credentialId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * A proof over a message of 32 bytes that `buildMessage` of core made.
   *
   * @returns 64 bytes.
   * @throws `VAULT_UNAVAILABLE` after `dispose`.
   */
  prove(message: Uint8Array): Promise<Uint8Array>;
  /** Wipe the secret. Safe to call twice. */
  dispose(): void;
}

/**
 * What an open key may be asked beside `prove`: nothing; a new slot under the very PIN that opened it, with the
 * server's help; or any new wrapping.
 */
export type KeyUse = 'prove' | 'renew' | 'change';

/**
 * Where keys live, sealed in their slots. The default keeps them in IndexedDB and opens them in a worker; to
 * keep them elsewhere give {@link VaultKeyStorage} another {@link RecordStore}.
 *
 * Every method throws `STORAGE_ERROR` where the records cannot be read or written. A write is durable once its
 * method resolves.
 */
export interface KeyStorage {
  /** Whether the browser may clear it behind our back, so that a lost key is to be told from one never made. */
  readonly evictable: boolean;
  /** Make a key, seal it and keep it as pending, beside whatever is there. */
  generateAndStore(name: KeyName, secret: SlotSecret, use?: KeyUse): Promise<UnlockedKey>;
  /** Make a pending key the active one, and let go of the other pending ones. `KEY_NOT_FOUND` where it is gone. */
  activateKey(name: KeyName, credentialId: string): Promise<void>;
  /** Let go of a pending key that the server refused. An active one is never touched. */
  discardPendingKey(name: KeyName, credentialId: string): Promise<void>;
  /**
   * Open a key. With several PIN slots, as an interrupted change leaves them, the newest that the server knows is
   * the one that counts, and the others are let go.
   *
   * @throws `KEY_NOT_FOUND` where there is none of this id; `SLOT_NOT_FOUND` where it has no slot of this kind;
   * `DECRYPTION_FAILED` for a wrong secret, or for a record that was tampered with: nobody can tell the two apart.
   */
  unlock(name: KeyName, credentialId: string, secret: SlotSecret, use?: KeyUse): Promise<UnlockedKey>;
  /** Whether there is an active key. */
  hasKey(name: KeyName): Promise<boolean>;
  /** Every key, newest first. */
  listKeys(): Promise<LocalKey[]>;
  /** The slots of a key, oldest first. `KEY_NOT_FOUND`. */
  listSlots(name: KeyName, credentialId: string): Promise<LocalSlot[]>;
  /** Add a slot to a key that was opened to renew or change. One of an imported key is kept with it until `saveKey`. */
  addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot>;
  /** Let go of every PIN slot that is older than this one. */
  settlePinSlot(name: KeyName, credentialId: string, slotId: string): Promise<void>;
  /** Let go of a slot. `SLOT_NOT_FOUND`; `LAST_SLOT` where nothing else would open the key. */
  removeSlot(name: KeyName, credentialId: string, slotId: string): Promise<void>;
  /** A key that was opened to change, as text, in one slot of its own under `secret`. */
  exportBlob(key: UnlockedKey, secret: SlotSecret): Promise<string>;
  /**
   * Check a blob whole and open it, to change; nothing is written. Give it a slot by `addSlot`, then `saveKey`.
   *
   * @throws `INVALID_KEY_BLOB`, `KEY_BLOB_MISMATCH` for another server or user than expected, `SLOT_NOT_FOUND`,
   * `DECRYPTION_FAILED`.
   */
  importBlob(blob: string, secret: SlotSecret, expected: KeyName): Promise<UnlockedKey>;
  /**
   * Keep an imported key as the active one, under the slots that it was given here.
   *
   * @throws `KEY_CONFLICT` where there is another key of the name, active or pending, and `replace` is not set.
   */
  saveKey(key: UnlockedKey, options?: { replace?: boolean }): Promise<LocalKey>;
  /** The returns that are kept for a user, oldest first, whether there is a key or not. */
  listReturns(name: KeyName): Promise<KeptReturn[]>;
  /** Keep these returns in the place of those that are there. */
  saveReturns(name: KeyName, returns: readonly KeptReturn[]): Promise<void>;
  /** Forget a user's keys, active and pending, and their returns. */
  deleteKey(name: KeyName): Promise<void>;
}
