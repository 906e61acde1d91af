import type { KeptReturn, KeyName, LocalKey, LocalSlot } from '../storage/local-key.js';

/** A blinded PIN on its way to the server. */
export interface PinAssistQuestion {
  /** The key of the PIN. */
  credentialId: string;
  /** 16 bytes; `null` asks for a new one. */
  pinId: Uint8Array | null;
  /** 32 bytes. They reveal nothing of the PIN. */
  blinded: Uint8Array;
}

/** A challenge from the server. */
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
  /** The challenge in the same answer. A proof by the key that this answer opens or seals uses this challenge. */
  challenge: IssuedChallenge;
}

/**
 * Ask the server to evaluate a blinded PIN (protocol section 5). If it throws, the call that needed the answer rejects
 * with that error.
 */
export type PinAssist = (question: PinAssistQuestion) => Promise<PinAssistAnswer>;

/** The secret that opens a slot, or that seals a new one. */
export type SlotSecret =
  | {
      kind: 'pin';
      pin: string;
      /**
       * `null` makes a new slot that opens without the server. An existing slot opens in the way in which it was made.
       */
      assist: PinAssist | null;
    }
  | { kind: 'passphrase'; passphrase: string }
  | {
      kind: 'passkey';
      passkeyId: Uint8Array;
      /** The input of the PRF, 32 bytes. */
      salt: Uint8Array;
      /** The transports of the passkey, for a new slot. */
      transports?: readonly string[];
      /** 32 bytes. */
      prfOutput: Uint8Array;
    };

/**
 * A request for a proof by an open key, with the challenge of the proof. The vault itself builds the message. It knows
 * the user, the server, the key and the slots that it sealed. It takes only these members from the caller.
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
         * `confirm` proves the action that was named when the key was opened. `open-key` proves that the key is open.
         * `return` proves that the key opened after the try of this challenge. `rotate-key` proves its successor.
         */
        for: 'confirm' | 'open-key' | 'return' | 'rotate-key';
      }
    | {
        /** A proof for the PIN slot that was sealed last. */
        for: 'change-pin';
        /** The pinId of the replaced slot, 16 bytes. */
        oldPinId: Uint8Array | null;
      }
  );

/**
 * An open key. It gives the proofs for which it was opened, and never shows its secret. It closes by itself after ten
 * minutes.
 */
export interface UnlockedKey {
  readonly credentialId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * Give a proof. Each proof is given once.
   *
   * @param origin origin of the page, as the client observes it. A vault that knows its own origin binds that origin
   * instead.
   * @returns 64 bytes.
   * @throws `VAULT_UNAVAILABLE` after `dispose`, and for a proof for which the key was not opened or that it has
   * already given. Such a request closes the key.
   */
  prove(request: ProofRequest, origin: string): Promise<Uint8Array>;
  /** Wipe the secret. Safe to call twice. */
  dispose(): void;
}

/** An action to confirm. A key opened for it proves this action and no other. */
export interface ConfirmUse {
  action: string;
  /** The exact bytes that the server acts on. */
  payload: Uint8Array;
  /** Thumbprint of the session's key, 32 bytes. */
  sessionKey: Uint8Array;
}

/**
 * The act for which a key is opened. The key gives the proofs and takes the wrappings of this act, each once, and
 * nothing else (decision 46).
 *
 * - `check`: nothing.
 * - `register`: the proof of a registration.
 * - `login`: the proof of a login, and then one further slot under the very PIN that opened it, with the server's help.
 * - `open-key`: the proof that it is open.
 * - `change-pin`: the same proof, and a slot under another PIN.
 * - `add-passkey`: the same proof, and a slot for a passkey.
 * - `export`: the same proof, and a blob.
 * - {@link ConfirmUse}: the confirmation of this action.
 *
 * If {@link LocalKey.mustRotate} is true, the act also replaces the key, under the same PIN.
 */
export type KeyUse =
  'check' | 'register' | 'login' | 'open-key' | 'change-pin' | 'add-passkey' | 'export' | ConfirmUse;

/** Options for keeping an imported key. */
export interface SaveKeyOptions {
  /** Delete a different key of the same name; default false. */
  replace?: boolean | undefined;
  /** The name of this device's sign-ins, 1 to 64 characters; default the kept name. */
  deviceName?: string | undefined;
}

/**
 * A storage of sealed keys. The default keeps them in IndexedDB and opens them in a worker. To keep them elsewhere,
 * give {@link VaultKeyStorage} another {@link RecordStore}.
 *
 * Every method throws `STORAGE_ERROR` if the records cannot be read or written. A write is durable once its method
 * resolves.
 */
export interface KeyStorage {
  /**
   * Whether the browser may clear it without notice. If so, the client distinguishes a cleared key from a key that
   * never existed.
   */
  readonly evictable: boolean;
  /** Make a key, seal it and keep it as pending, beside the existing keys. It is opened for `register`. */
  generateAndStore(name: KeyName, secret: SlotSecret): Promise<UnlockedKey>;
  /**
   * Make a key that replaces an open key, under the PIN that opened that key, and keep it as pending. Both keys then
   * give the proof for `rotate-key`. Either of them can give the remaining proofs of the act.
   *
   * @throws `VAULT_UNAVAILABLE` if the open key does not have to be replaced.
   */
  generateSuccessor(key: UnlockedKey, secret: SlotSecret): Promise<UnlockedKey>;
  /** Make a pending key the active one, and delete the other pending keys. `KEY_NOT_FOUND` if it is gone. */
  activateKey(name: KeyName, credentialId: string): Promise<void>;
  /** Delete a pending key that the server refused. An active key is never touched. */
  discardPendingKey(name: KeyName, credentialId: string): Promise<void>;
  /**
   * Open a key. An interrupted PIN change leaves several PIN slots. The newest slot that the server knows is then the
   * valid one, and the others are deleted.
   *
   * @param use default `check`.
   * @throws `KEY_NOT_FOUND` if there is no key with this id; `SLOT_NOT_FOUND` if it has no slot of this kind;
   * `DECRYPTION_FAILED` for a wrong secret or for a record that was tampered with, because nobody can tell the two
   * apart.
   */
  unlock(name: KeyName, credentialId: string, secret: SlotSecret, use?: KeyUse): Promise<UnlockedKey>;
  /** Whether there is an active key. */
  hasKey(name: KeyName): Promise<boolean>;
  /** All keys, newest first. */
  listKeys(): Promise<LocalKey[]>;
  /** The slots of a key, oldest first. `KEY_NOT_FOUND`. */
  listSlots(name: KeyName, credentialId: string): Promise<LocalSlot[]>;
  /** Add the slot that the key was opened to take. The slot of an imported key is kept with it until `saveKey`. */
  addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot>;
  /** Delete every PIN slot that is older than this one. */
  settlePinSlot(name: KeyName, credentialId: string, slotId: string): Promise<void>;
  /** Delete a slot. `SLOT_NOT_FOUND`; `LAST_SLOT` if no other slot would open the key. */
  removeSlot(name: KeyName, credentialId: string, slotId: string): Promise<void>;
  /** A key that was opened for export, as text, with one slot of its own under `secret`. */
  exportBlob(key: UnlockedKey, secret: SlotSecret): Promise<string>;
  /**
   * Check a blob completely and open its key. Nothing is written. The key gives the proof for `open-key`. Give it a PIN
   * slot by `addSlot`, then call `saveKey`.
   *
   * @throws `INVALID_KEY_BLOB`, `KEY_BLOB_MISMATCH` for another server or user than expected, `SLOT_NOT_FOUND`,
   * `DECRYPTION_FAILED`.
   */
  importBlob(blob: string, secret: SlotSecret, expected: KeyName): Promise<UnlockedKey>;
  /**
   * Keep an imported key as the active one, with the slots that it got here.
   *
   * @throws `KEY_CONFLICT` if the name has another key, active or pending, and `replace` is not set.
   */
  saveKey(key: UnlockedKey, options?: SaveKeyOptions): Promise<LocalKey>;
  /** The kept returns of a user, oldest first, even if the user has no key here. */
  listReturns(name: KeyName): Promise<KeptReturn[]>;
  /** Replace the kept returns by these. */
  saveReturns(name: KeyName, returns: readonly KeptReturn[]): Promise<void>;
  /** Forget a user's keys, active and pending, and their returns. */
  deleteKey(name: KeyName): Promise<void>;
}
