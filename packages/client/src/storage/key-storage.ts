/** Which key: one user at one server. */
export interface KeyName {
  /** Normalized, see `normalizeUserId` of core. */
  userId: string;
  /** Origin of the server. */
  audience: string;
}

/** What can be said of a stored key without its PIN. */
export interface LocalKey extends KeyName {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** `pending`: the server has not been heard to accept it. */
  state: 'active' | 'pending';
}

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
 * Where keys live, sealed under their PIN. The default keeps them in IndexedDB and opens them in a worker; to
 * keep them elsewhere give {@link VaultKeyStorage} another {@link RecordStore}.
 *
 * Every method throws `STORAGE_ERROR` where the records cannot be read or written. A write is durable once its
 * method resolves.
 */
export interface KeyStorage {
  /** Whether the browser may clear it behind our back, so that a lost key is to be told from one never made. */
  readonly evictable: boolean;
  /** Make a key, seal it under the PIN and keep it as pending, beside whatever is there. */
  generateAndStore(name: KeyName, pin: string): Promise<UnlockedKey>;
  /** Make a pending key the active one, and let go of the other pending ones. `KEY_NOT_FOUND` where it is gone. */
  confirmKey(name: KeyName, credentialId: string): Promise<void>;
  /** Let go of a pending key that the server refused. An active one is never touched. */
  discardPendingKey(name: KeyName, credentialId: string): Promise<void>;
  /**
   * Open a key. `KEY_NOT_FOUND` where there is none of this id; `DECRYPTION_FAILED` for a wrong PIN, or for a
   * record that was tampered with: nobody can tell the two apart.
   */
  unlock(name: KeyName, credentialId: string, pin: string): Promise<UnlockedKey>;
  /** Whether there is an active key. */
  hasKey(name: KeyName): Promise<boolean>;
  /** Every key, newest first. */
  listKeys(): Promise<LocalKey[]>;
  /** The active key's record as text, still sealed. `KEY_NOT_FOUND` where there is none. */
  exportBlob(name: KeyName): Promise<string>;
  /**
   * Check a record whole, PIN included, and make it the active key.
   *
   * @throws `INVALID_KEY_BLOB`, `KEY_BLOB_MISMATCH` for another server or user than expected,
   * `DECRYPTION_FAILED`, and `KEY_CONFLICT` where there is another key of the name, active or
   * pending, and `replace` is not set. Nothing has
   * changed then.
   */
  importBlob(blob: string, pin: string, options: ImportBlobOptions): Promise<LocalKey>;
  /** Forget a user's keys, active and pending. */
  deleteKey(name: KeyName): Promise<void>;
}

export interface ImportBlobOptions {
  audience: string;
  /** Refuse a blob of anybody else. */
  userId?: string;
  /** Let go of a different key of the same name. */
  replace?: boolean;
}
