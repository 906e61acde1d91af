/**
 * One user's sealed keys at one server, in their stored form. It is JSON, and nothing outside the wrappings is secret.
 */
export interface StoredKeys {
  userId: string;
  audience: string;
  /** A vault record (protocol section 6). */
  active: unknown;
  /** Vault records, oldest first. */
  pending: unknown[];
  /** The time of the server's last answer that accepted the active key's PIN slot, ISO 8601. */
  pinRenewedAt?: string;
  /** The time at which the newest PIN slot was added, ISO 8601. A request to enrol that slot may still be under way. */
  pinAddedAt?: string;
  /** Proofs that give back tries of a PIN, oldest first, at most ten (protocol section 5.9). They are not secret. */
  returns?: unknown[];
  /** The name of this device's sign-ins. */
  deviceName?: string | undefined;
  /** Whether the active key came from a first-generation blob. Its next login replaces it. */
  mustRotate?: boolean;
}

/**
 * The one task of a storage for keys, which is to keep small JSON values by id.
 *
 * `put` and `delete` resolve when the change is durable, and change one value whole or not at all. Every method rejects
 * if the store cannot do its work, a full disk included. No method pretends success.
 */
export interface RecordStore {
  get(id: string): Promise<StoredKeys | undefined>;
  put(id: string, value: StoredKeys): Promise<void>;
  delete(id: string): Promise<void>;
  list(): Promise<StoredKeys[]>;
  /**
   * Change one value in one step. No change by another page comes between the read and the write. Without this method,
   * the storage calls `get`, then `put` or `delete`. That is enough if one page at a time uses the store.
   *
   * @param change gives the new value, or `null` to delete it. If it throws, nothing changes, and the promise rejects
   * with that very error.
   */
  update?(id: string, change: RecordChange): Promise<void>;
}

export type RecordChange = (stored: StoredKeys | undefined) => StoredKeys | null;
