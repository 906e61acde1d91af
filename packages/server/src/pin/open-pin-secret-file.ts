import { open, unlink } from 'node:fs/promises';
import { ZkpAuthError } from '@zkp-auth/core';
import {
  createPrivateFile,
  type PrivateFile,
  readPrivateFile,
  replacePrivateFile,
  usePrivateFile,
} from '../keys/private-file.js';
import {
  exportPinSecrets,
  generatePinSecrets,
  parsePinSecrets,
  type PinSecrets,
  withNewSecret,
} from './pin-secrets.js';

const fileAt = (path: string): PrivateFile => ({ path, name: 'PIN secret file' });

/**
 * The PIN secrets in a file: made on first start with mode 0600, kept from then on. Of several processes that
 * start at once, one makes it and all use it. Nothing that exists is ever replaced or repaired. Back it up with
 * the signing keys: without it every PIN is locked for good.
 *
 * {@link openPinAssistance} calls this, and makes no file where PINs need one that is lost.
 *
 * @param path of the file; its folder is made where it is missing.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` where the file cannot be read or written, is open to other
 * users, or holds anything but a whole ring.
 */
export async function openPinSecretFile(path: string): Promise<PinSecrets> {
  const file = fileAt(path);
  return usePrivateFile(file, async () =>
    parsePinSecrets(
      (await readPrivateFile(file)) ??
        (await createPrivateFile(file, exportPinSecrets(generatePinSecrets()))),
    ),
  );
}

/** The same, but `null` where there is no file. */
export async function readPinSecretFile(path: string): Promise<PinSecrets | null> {
  const file = fileAt(path);
  return usePrivateFile(file, async () => {
    const text = await readPrivateFile(file);
    return text === null ? null : parsePinSecrets(text);
  });
}

/**
 * Append a new secret to a PIN secret file: what servers draw new pinIds under once they are started again. The
 * others stay, for the pinIds that were drawn under them.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` where there is no such file, it cannot be used, or another
 * process is adding to it.
 *
 * @example
 * ```ts
 * await addPinSecret('./data/pin-secrets.json');
 * ```
 */
export async function addPinSecret(path: string): Promise<PinSecrets> {
  const file = fileAt(path);
  return usePrivateFile(file, () =>
    underLock(path, async () => {
      const secrets = await readPinSecretFile(path);
      if (secrets === null) throw new Error('there is no such file');
      const grown = withNewSecret(secrets);
      await replacePrivateFile(file, exportPinSecrets(grown));
      return grown;
    }),
  );
}

/** One at a time, in all processes: of two that add at once, neither may lose the other's secret. */
async function underLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const held = await open(lock, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new ZkpAuthError(
      'KEY_FILE_INVALID',
      `The PIN secret file ${path} is being added to. Where no process is at it, one was killed: remove ${lock} and add again.`,
    );
  });
  try {
    return await work();
  } finally {
    await held.close();
    await unlink(lock);
  }
}
