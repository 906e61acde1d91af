/** A ring in its store. */
export interface StoredRing {
  /** Changes whenever the content changes. */
  version: number;
  /** A text of a few kilobytes, sealed or plain. It contains private keys, so only the server may read it. */
  content: string;
}

/**
 * Keeps a ring of signing keys as one text that is replaced whole.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. If any number of callers
 * race in `replace` and expect the same version, exactly one gets `true`. A new content is durable before the call
 * resolves. If a process is killed, the store has the old content or the new one, whole.
 */
export interface KeyRingStore {
  /**
   * The name that a sealed ring of this store is bound to, unless `openKeyRing` gets another name. A ring that was
   * sealed under another name does not open here. Default ''.
   */
  readonly name?: string;
  /** `null` if there is no ring yet. */
  read(): Promise<StoredRing | null>;
  /** Replace the version that was read. `null` expects that there is no ring. Gives whether it replaced. */
  replace(expectedVersion: number | null, content: string): Promise<boolean>;
}
