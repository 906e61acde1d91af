import { FilePinSecretStore } from './file-pin-secret-store.js';
import { type PinSecretPlace, PinSecretRecord } from './pin-secret-record.js';
import { generatePinSecrets, type PinSecrets, withNewSecret } from './pin-secrets.js';

/**
 * The PIN secrets in a file: made on first start with mode 0600, kept from then on. Of several processes that
 * start at once, one makes it and all use it. Nothing that exists is ever replaced or repaired. Back it up with
 * the signing keys: without it every PIN is locked for good.
 *
 * {@link openPinAssistance} does the same, and makes no file if PINs need one that is lost.
 *
 * @param path of the file; its folder is made if it is missing.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if the file cannot be read or written, is open to other
 * users, or holds anything but a whole ring.
 */
export async function openPinSecretFile(path: string): Promise<PinSecrets> {
  return new PinSecretRecord(plainFile(path)).readOrCreate(generatePinSecrets);
}

/** Such a file as {@link openPinSecretFile} makes it. */
export function plainFile(path: string): PinSecretPlace {
  return { secretStore: new FilePinSecretStore(path), encrypt: false };
}

/**
 * Append a new secret to the PIN secrets of a file, or of another store. Servers draw new pinIds under it once they are
 * started again. The others stay, for the pinIds that were drawn under them. Processes that add at once do so one after
 * the other.
 *
 * @param place path of a file that is not encrypted, or a store and whether its secrets are encrypted.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if there are no PIN secrets, or they cannot be used or written;
 * `MASTER_KEY_MISSING`; and the store's own error.
 *
 * @example
 * ```ts
 * await addPinSecret('./data/pin-secrets.json');
 * await addPinSecret({ secretStore: new SqlPinSecretStore(db), encrypt: true });
 * ```
 */
export async function addPinSecret(place: string | PinSecretPlace): Promise<PinSecrets> {
  return new PinSecretRecord(typeof place === 'string' ? plainFile(place) : place).change(withNewSecret);
}
