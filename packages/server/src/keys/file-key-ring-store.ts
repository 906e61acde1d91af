import { isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import type { KeyRingStore, StoredRing } from './key-ring-store.js';
import { PrivateText } from '../files/private-text.js';
import { isReadOnlyError, systemErrorCode } from '../files/system-error.js';

/**
 * A ring in a file of mode 0600, for the processes of one machine. Its folder is made if it is missing. While the
 * ring is replaced, a lock file named `path` with `.lock` appended is in the folder.
 *
 * A file that this process cannot write, such as a Kubernetes secret, is read again like any other, but does not
 * rotate here.
 *
 * Its methods reject with `KEY_FILE_INVALID` if the file cannot be read or written, or is open to other users.
 * `replace` rejects with `KEY_RING_NOT_WRITTEN` if this process may only read it.
 *
 * @example
 * ```ts
 * await sealKeyRing({ store: new FileKeyRingStore('./data/signing-keys.json') });
 * ```
 */
export class FileKeyRingStore implements KeyRingStore {
  readonly #path: string;
  readonly #text: PrivateText;

  constructor(path: string) {
    this.#path = path;
    this.#text = new PrivateText({ path, name: 'signing key file' });
  }

  read(): Promise<StoredRing | null> {
    return this.#text.read();
  }

  async replace(expectedVersion: number | null, content: string): Promise<boolean> {
    try {
      return await this.#text.replace(expectedVersion, content);
    } catch (error) {
      const isThere = expectedVersion !== null;
      throw isThere && isZkpAuthError(error) && isReadOnlyError(error.cause)
        ? this.#notWritten(error.cause)
        : error;
    }
  }

  #notWritten(cause: unknown): ZkpAuthError {
    return new ZkpAuthError(
      'KEY_RING_NOT_WRITTEN',
      `The signing key file ${this.#path} can only be read here (${systemErrorCode(cause)}). Change the ring at its source, such as the secret that is mounted there, or let this process write to its folder.`,
      { cause },
    );
  }
}
