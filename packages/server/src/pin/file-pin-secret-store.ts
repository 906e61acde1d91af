import { PrivateText } from '../files/private-text.js';
import type { PinSecretStore, StoredPinSecrets } from './pin-secret-store.js';

const name = 'PIN secret file';

/**
 * PIN secrets in a file of mode 0600, for the processes of one machine. Its folder is made if it is missing.
 *
 * Its methods reject with `KEY_FILE_INVALID` if the file cannot be read or written, or is open to other users.
 *
 * @example
 * ```ts
 * await sealPinSecrets({ secretStore: new FilePinSecretStore('./data/pin-secrets.json') });
 * ```
 */
export class FilePinSecretStore implements PinSecretStore {
  readonly title: string;
  readonly #text: PrivateText;

  constructor(path: string) {
    this.title = `${name} ${path}`;
    this.#text = new PrivateText({ path, name });
  }

  read(): Promise<StoredPinSecrets | null> {
    return this.#text.read();
  }

  replace(expectedVersion: number | null, content: string): Promise<boolean> {
    return this.#text.replace(expectedVersion, content);
  }
}
