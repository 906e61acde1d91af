/** PIN secrets in their store. */
export interface StoredPinSecrets {
  /** Changes whenever the content changes. */
  version: number;
  /** A text of a few hundred bytes, sealed or plain, that only the server may read. */
  content: string;
}

/**
 * Keeps the PIN secrets as one text that is replaced whole.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. If any number of callers
 * race in `replace` and expect the same version, exactly one gets `true`. A new content is durable before the call
 * resolves.
 */
export interface PinSecretStore {
  /**
   * The name that sealed PIN secrets of this store are bound to, unless another name is given. Secrets that were
   * sealed under another name do not open here. Default ''.
   */
  readonly name?: string;
  /** The name in messages, such as `PIN secret file ./data/pin-secrets.json`. Default `PIN secrets`. */
  readonly title?: string;
  /** `null` if there are no PIN secrets yet. */
  read(): Promise<StoredPinSecrets | null>;
  /** Replace the version that was read. `null` expects that there are none. Gives whether it replaced. */
  replace(expectedVersion: number | null, content: string): Promise<boolean>;
}
