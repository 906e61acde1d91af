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
 * @param path of the file; its folder is made if it is missing.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if the file cannot be read or written, is open to other
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
 * others stay, for the pinIds that were drawn under them. Processes that add at once do so one after the other.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if there is no such file, or it cannot be used or written.
 *
 * @example
 * ```ts
 * await addPinSecret('./data/pin-secrets.json');
 * ```
 */
export async function addPinSecret(path: string): Promise<PinSecrets> {
  const file = fileAt(path);
  return usePrivateFile(file, async () => {
    for (;;) {
      const text = await readPrivateFile(file);
      if (text === null) throw new Error('there is no such file');
      const grown = withNewSecret(parsePinSecrets(text));
      if (await replacePrivateFile(file, exportPinSecrets(grown), (current) => current === text))
        return grown;
    }
  });
}
