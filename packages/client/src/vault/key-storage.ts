import type { KeptReturn, KeyName, LocalKey, LocalSlot } from '../storage/local-key.js';

/** A blinded PIN on its way to the server. */
export interface PinAssistQuestion {
  /** Of the key that the PIN is for. */
  credentialId: string;
  /** 16 bytes; `null` asks for a new one. */
  pinId: Uint8Array | null;
  /** 32 bytes, from which nobody learns anything of the PIN. */
  blinded: Uint8Array;
}

/** A challenge as the server gave it. */
export interface IssuedChallenge {
  /** 16 bytes in base64url. */
  challengeId: string;
  /** 32 bytes. */
  challenge: Uint8Array;
}

/** The server's answer for a blinded PIN. */
export interface PinAssistAnswer {
  /** 16 bytes. */
  pinId: Uint8Array;
  /** 32 bytes. */
  evaluated: Uint8Array;
  /** The challenge that came with it. A proof of the key that this answer opens or seals is over this challenge. */
  challenge: IssuedChallenge;
}

/** Have the server evaluate a blinded PIN (protocol section 5). What it throws ends the call that needed it. */
export type PinAssist = (question: PinAssistQuestion) => Promise<PinAssistAnswer>;

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

/**
 * A proof that an open key is asked for, and the challenge that it is over. The vault builds the message itself. It
 * knows the user, the server, the key, and what it sealed; it takes from the caller only what stands here.
 */
export type ProofRequest = IssuedChallenge &
  (
    | {
        for: 'register' | 'login';
        /** Thumbprint of the session's key, 32 bytes. */
        sessionKey: Uint8Array;
      }
    | {
        /**
         * `confirm`: the action that was named when the key was opened. `open-key`: that it is open. `return`: that it
         * opened after the try of this challenge. `rotate-key`: its successor.
         */
        for: 'confirm' | 'open-key' | 'return' | 'rotate-key';
      }
    | {
        /** The PIN slot that was sealed last. */
        for: 'change-pin';
        /** Of the slot that it replaces, 16 bytes. */
        oldPinId: Uint8Array | null;
      }
  );

/** An open key: it proves what it was opened for, and never shows its secret. It closes by itself after ten minutes. */
export interface UnlockedKey {
  readonly credentialId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * A proof, once.
   *
   * @param origin of the page, as the client observes it. A vault that knows its own origin binds that.
   * @returns 64 bytes.
   * @throws `VAULT_UNAVAILABLE` after `dispose`, and for a proof that the key was not opened for or has given already.
   * Such a request closes the key.
   */
  prove(request: ProofRequest, origin: string): Promise<Uint8Array>;
  /** Wipe the secret. Safe to call twice. */
  dispose(): void;
}

/** An action to be confirmed. The key that is opened for it proves this action and no other. */
export interface ConfirmUse {
  action: string;
  /** The exact bytes that the server acts on. */
  payload: Uint8Array;
  /** Thumbprint of the session's key, 32 bytes. */
  sessionKey: Uint8Array;
}

/**
 * The act that a key is opened for. It gives the proofs and takes the wrappings of this act, each once, and nothing
 * else (decision 46).
 *
 * - `check`: nothing.
 * - `register`: the proof of a registration.
 * - `login`: the proof of a login, and then one further slot under the very PIN that opened it, with the server's help.
 * - `open-key`: the proof that it is open.
 * - `change-pin`: this, and a slot under another PIN.
 * - `add-passkey`: this, and a slot for a passkey.
 * - `export`: this, and a blob.
 * - {@link ConfirmUse}: the confirmation of this action.
 *
 * A key that {@link LocalKey.mustRotate} is replaced on the way, under the same PIN.
 */
export type KeyUse =
  'check' | 'register' | 'login' | 'open-key' | 'change-pin' | 'add-passkey' | 'export' | ConfirmUse;

/** How an imported key is kept. */
export interface SaveKeyOptions {
  /** Let go of a different key of the same name; default false. */
  replace?: boolean | undefined;
  /** What the sign-ins of this device are called, 1 to 64 characters; default what is kept already. */
  deviceName?: string | undefined;
}

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
  /** Make a key, seal it and keep it as pending, beside whatever is there. It is open to `register`. */
  generateAndStore(name: KeyName, secret: SlotSecret): Promise<UnlockedKey>;
  /**
   * Make a key that takes the place of an open one, under the PIN that opened that, and keep it as pending. Both then
   * prove to `rotate-key`, and what is left of the act may be asked of either.
   *
   * @throws `VAULT_UNAVAILABLE` if the open key is none that has to be replaced.
   */
  generateSuccessor(key: UnlockedKey, secret: SlotSecret): Promise<UnlockedKey>;
  /** Make a pending key the active one, and let go of the other pending ones. `KEY_NOT_FOUND` where it is gone. */
  activateKey(name: KeyName, credentialId: string): Promise<void>;
  /** Let go of a pending key that the server refused. An active one is never touched. */
  discardPendingKey(name: KeyName, credentialId: string): Promise<void>;
  /**
   * Open a key. With several PIN slots, as an interrupted change leaves them, the newest that the server knows is
   * the one that counts, and the others are let go.
   *
   * @param use default `check`.
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
  /** Add the slot that a key was opened to take. One of an imported key is kept with it until `saveKey`. */
  addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot>;
  /** Let go of every PIN slot that is older than this one. */
  settlePinSlot(name: KeyName, credentialId: string, slotId: string): Promise<void>;
  /** Let go of a slot. `SLOT_NOT_FOUND`; `LAST_SLOT` where nothing else would open the key. */
  removeSlot(name: KeyName, credentialId: string, slotId: string): Promise<void>;
  /** A key that was opened to be exported, as text, in one slot of its own under `secret`. */
  exportBlob(key: UnlockedKey, secret: SlotSecret): Promise<string>;
  /**
   * Check a blob whole and open it; nothing is written. It proves to `open-key`. Give it a PIN slot by `addSlot`, then
   * `saveKey`.
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
  saveKey(key: UnlockedKey, options?: SaveKeyOptions): Promise<LocalKey>;
  /** The returns that are kept for a user, oldest first, whether there is a key or not. */
  listReturns(name: KeyName): Promise<KeptReturn[]>;
  /** Keep these returns in the place of those that are there. */
  saveReturns(name: KeyName, returns: readonly KeptReturn[]): Promise<void>;
  /** Forget a user's keys, active and pending, and their returns. */
  deleteKey(name: KeyName): Promise<void>;
}
