import { FilePinSecretStore } from './file-pin-secret-store.js';
import { type PinSecretPlace, PinSecretRecord } from './pin-secret-record.js';
import { generatePinSecrets, type PinSecrets, withNewSecret } from './pin-secrets.js';

/**
 * The PIN secrets in a file. The first start makes it with mode 0600, and it is kept from then on. If several
 * processes start at once, one makes the file and all use it. An existing file is never replaced or repaired. Back it
 * up with the signing keys, because without it every PIN is locked for good.
 *
 * {@link openPinAssistance} does the same, but makes no file if PINs need a lost one.
 *
 * @param path the file's path; its folder is made if it is missing.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if the file cannot be read or written, is open to other users, or
 * is not exactly one whole ring.
 */
export async function openPinSecretFile(path: string): Promise<PinSecrets> {
  return new PinSecretRecord(plainFile(path)).readOrCreate(generatePinSecrets);
}

/** A file in the form that {@link openPinSecretFile} makes. */
export function plainFile(path: string): PinSecretPlace {
  return { secretStore: new FilePinSecretStore(path), encrypt: false };
}

/**
 * Append a new secret to the PIN secrets of a file or of another store. After the next start, servers draw new pinIds
 * under it. The other secrets stay for the pinIds that were drawn under them. If several processes add secrets at
 * once, they do so one after another.
 *
 * @param place the path of a file that is not encrypted, or a store and whether its secrets are encrypted.
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
