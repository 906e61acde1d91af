/** One user's sealed keys at one server, as kept: JSON, nothing secret outside its wrappings. */
export interface StoredKeys {
  userId: string;
  audience: string;
  /** A vault record, protocol section 6. */
  active: unknown;
  /** Vault records, oldest first. */
  pending: unknown[];
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
}
