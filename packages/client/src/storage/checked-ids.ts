import {
  credentialIdOfAsync,
  encodeBase64url,
  publicKeyIn,
  readVaultRecord,
  type VaultRecord,
} from '@zkp-auth/core';

/**
 * The credential ids of the public keys that stored records claim. A transaction of IndexedDB ends if its code waits
 * for a hash. So the keys are hashed outside, and inside a record is checked against the ids that came out.
 */
export class CheckedIds {
  readonly #ids = new Map<string, string>();

  /** Hash the public keys of these values. */
  async learn(values: readonly unknown[]): Promise<void> {
    for (const key of this.#unknownIn(values))
      this.#ids.set(encodeBase64url(key), await credentialIdOfAsync(key));
  }

  /** Whether {@link parse} can check each of these values. */
  covers(values: readonly unknown[]): boolean {
    return this.#unknownIn(values).length === 0;
  }

  /**
   * Read a stored record, and check all of it.
   *
   * @throws `INVALID_KEY_BLOB`, also for a record whose public key was not learnt.
   */
  parse(value: unknown): VaultRecord {
    return readVaultRecord(value, (key) => this.#ids.get(encodeBase64url(key)) ?? '');
  }

  #unknownIn(values: readonly unknown[]): Uint8Array[] {
    return values.flatMap((value) => {
      const key = publicKeyIn(value);
      return key === null || this.#ids.has(encodeBase64url(key)) ? [] : [key];
    });
  }
}
