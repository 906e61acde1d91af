/** A ring as it stands in its store. */
export interface StoredRing {
  /** Another one whenever the content is another. */
  version: number;
  /** A text of a few kilobytes that holds private keys, sealed or plain: for the server's eyes only. */
  content: string;
}

/**
 * Where a ring of signing keys lives: one text, replaced whole.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. Of any number of racing
 * callers of `replace` that expect the same version, exactly one is told `true`. A content that was replaced is
 * durable before the call resolves, and a process that is killed leaves the one content or the other, whole.
 */
export interface KeyRingStore {
  /**
   * What a sealed ring of this store is bound to, unless `openKeyRing` is given a name: a ring that was sealed under
   * another one does not open here. Default ''.
   */
  readonly name?: string;
  /** `null` where there is no ring yet. */
  read(): Promise<StoredRing | null>;
  /** Put another content in the place of the version that was read; `null`: where there is none. Whether it did. */
  replace(expectedVersion: number | null, content: string): Promise<boolean>;
}
