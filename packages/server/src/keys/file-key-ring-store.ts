import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAbandoned, withFileLock } from './file-lock.js';
import type { KeyRingStore, StoredRing } from './key-ring-store.js';
import {
  createPrivateFile,
  type PrivateFile,
  readPrivateFile,
  replacePrivateFile,
  usePrivateFile,
} from './private-file.js';

/**
 * A ring in a file of mode 0600, for the processes of one machine. Its folder is made where it is missing; while the
 * ring is replaced, `path` with `.lock` behind it stands beside it.
 *
 * Its methods reject with `KEY_FILE_INVALID` where the file cannot be read or written, or is open to other users.
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
      return content === null ? null : { version: versionOf(content), content };
    });
  }

  replace(expectedVersion: number | null, content: string): Promise<boolean> {
    const { path } = this.#file;
    return usePrivateFile(this.#file, async () => {
      if (expectedVersion === null) return (await createPrivateFile(this.#file, content)) === content;
      return withFileLock(`${path}.lock`, async (isHeld) => {
        const isExpected = async (): Promise<boolean> =>
          (await this.read())?.version === expectedVersion && isHeld();
        await removeLeftovers(path);
        return replacePrivateFile(this.#file, content, isExpected);
      });
    });
  }
}

/** The file holds nothing but the ring, so that the ring's own text has to tell one version from another. */
function versionOf(content: string): number {
  return createHash('sha256').update(content).digest().readUIntBE(0, 6);
}

/** What a process that was killed while it wrote has left beside the file holds keys as well. */
async function removeLeftovers(path: string): Promise<void> {
  const names = await readdir(dirname(path));
  for (const name of names.filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp'))) {
    const leftover = join(dirname(path), name);
    if (await isAbandoned(leftover)) await rm(leftover, { force: true });
  }
}
