import { ZkpAuthError } from '@zkp-auth/core';
import { contentVersion } from './content-version.js';
import type { KeyRingStore, StoredRing } from './key-ring-store.js';
import {
  createPrivateFile,
  type PrivateFile,
  readPrivateFile,
  replacePrivateFile,
  usePrivateFile,
} from './private-file.js';
import { isReadOnlyError, systemErrorCode } from './system-error.js';

/**
 * A ring in a file of mode 0600, for the processes of one machine. Its folder is made if it is missing. While the ring
 * is replaced, `path` with `.lock` behind it stands beside it.
 *
 * A file that this process cannot write, as in a Kubernetes secret, is read again like any other, and does not rotate
 * here.
 *
 * Its methods reject with `KEY_FILE_INVALID` if the file cannot be read or written, or is open to other users, and
 * `replace` with `KEY_RING_NOT_WRITTEN` if this process may only read it.
 *
 * @example
 * ```ts
 * await sealKeyRing({ store: new FileKeyRingStore('./data/signing-keys.json') });
 * ```
 */
export class FileKeyRingStore implements KeyRingStore {
  readonly #file: PrivateFile;

  constructor(path: string) {
    this.#file = { path, name: 'signing key file' };
  }

  read(): Promise<StoredRing | null> {
    return usePrivateFile(this.#file, async () => {
      const content = await readPrivateFile(this.#file);
      return content === null ? null : { version: contentVersion(content), content };
    });
  }

  replace(expectedVersion: number | null, content: string): Promise<boolean> {
    return usePrivateFile(this.#file, async () => {
      if (expectedVersion === null) return (await createPrivateFile(this.#file, content)) === content;
      const isExpected = (current: string | null): boolean =>
        current !== null && contentVersion(current) === expectedVersion;
      return replacePrivateFile(this.#file, content, isExpected).catch((cause: unknown) => {
        throw isReadOnlyError(cause) ? this.#notWritten(cause) : cause;
      });
    });
  }

  #notWritten(cause: unknown): ZkpAuthError {
    const { path, name } = this.#file;
    return new ZkpAuthError(
      'KEY_RING_NOT_WRITTEN',
      `The ${name} ${path} can only be read here (${systemErrorCode(cause)}). Change the ring at its source, such as the secret that is mounted there, or let this process write to its folder.`,
      { cause },
    );
  }
}
