import { PinSecretRecord, type PinSecretPlace } from './pin-secret-record.js';

/**
 * Encrypt PIN secrets in their store. They may be plain, or sealed under another master key than the first of
 * `ZKP_AUTH_MASTER_KEY`. Then start the servers with `encrypt: true`. Copies of the plain secrets remain in backups
 * and in free pages of a database.
 *
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING`; `KEY_FILE_INVALID` if there are none, or they are damaged, which
 * leaves them as they are; and the store's own error.
 *
 * @example
 * ```ts
 * await sealPinSecrets({ secretStore: new SqlPinSecretStore(db) });
 * ```
 */
export async function sealPinSecrets(place: Omit<PinSecretPlace, 'encrypt'>): Promise<void> {
  await new PinSecretRecord({ ...place, encrypt: true }).seal();
}
