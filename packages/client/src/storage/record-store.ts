/** One user's sealed keys at one server, as kept: JSON, nothing secret outside its wrappings. */
export interface StoredKeys {
  userId: string;
  audience: string;
  /** A vault record, protocol section 6. */
  active: unknown;
  /** Vault records, oldest first. */
  pending: unknown[];
  /** When the server was last heard to accept the active key's PIN slot, ISO 8601. */
  pinRenewedAt?: string;
  /** When the newest PIN slot was added, ISO 8601: a request to enrol it may still be under way. */
  pinAddedAt?: string;
  /** Proofs that give tries of a PIN back, oldest first, at most ten (protocol section 5.9). Nothing secret. */
  returns?: unknown[];
  /** What the sign-ins of this device are called. */
  deviceName?: string | undefined;
  /** The active key came from a first-generation blob and is to be replaced at its next login. */
  mustRotate?: boolean;
}

/**
 * All that a storage for keys has to do: keep small JSON values by id.
 *
 * `put` and `delete` resolve when the change is durable, and change one value whole or not at all. Every method
 * rejects where the store cannot do it, a full disk included; it never pretends.
 */
export interface RecordStore {
  get(id: string): Promise<StoredKeys | undefined>;
  put(id: string, value: StoredKeys): Promise<void>;
  delete(id: string): Promise<void>;
  list(): Promise<StoredKeys[]>;
  /**
   * Change one value in one step: no change by another page comes between reading and writing. Without it the storage
   * calls `get`, then `put` or `delete`, which is enough if one page at a time uses the store.
   *
   * @param change gives the new value, or `null` to delete it. If it throws, nothing changes, and the promise rejects
   * with that very error.
   */
  update?(id: string, change: RecordChange): Promise<void>;
}

export type RecordChange = (stored: StoredKeys | undefined) => StoredKeys | null;
