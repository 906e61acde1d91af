/** PIN secrets as they stand in their store. */
export interface StoredPinSecrets {
  /** Another one whenever the content is another. */
  version: number;
  /** A text of a few hundred bytes, sealed or plain: for the server's eyes only. */
  content: string;
}

/**
 * The home of the PIN secrets: one text, replaced whole.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. Of any number of racing
 * callers of `replace` that expect the same version, exactly one is told `true`. A content that was replaced is durable
 * before the call resolves.
 */
export interface PinSecretStore {
  /**
   * Sealed PIN secrets of this store are bound to it, unless another name is given: secrets that were sealed under
   * another one do not open here. Default ''.
   */
  readonly name?: string;
  /** Messages call it so, such as `PIN secret file ./data/pin-secrets.json`. Default `PIN secrets`. */
  readonly title?: string;
  /** `null` if there are no PIN secrets yet. */
  read(): Promise<StoredPinSecrets | null>;
  /** Put another content in the place of the version that was read; `null`: if there is none. Whether it did. */
  replace(expectedVersion: number | null, content: string): Promise<boolean>;
}
