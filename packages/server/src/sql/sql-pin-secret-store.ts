import type { Kysely } from 'kysely';
import type { PinSecretStore, StoredPinSecrets } from '../pin/pin-secret-store.js';
import { SqlVersionedText } from './sql-versioned-text.js';

/**
 * The PIN secrets in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first. The
 * rows of the pins are usually in the same database, so seal the secrets with `encrypt: true`.
 *
 * @example
 * ```ts
 * const pinAssistance = await openPinAssistance({
 *   store: new SqlPinStore(db),
 *   secretStore: new SqlPinSecretStore(db),
 *   encrypt: true,
 * });
 * ```
 */
export class SqlPinSecretStore implements PinSecretStore {
  /** Name of these secrets among the rings of secrets in the database. Sealed secrets are bound to it. */
  readonly name: string;
  readonly title: string;
  readonly #text: SqlVersionedText;

  /** @param options.name the name of the secrets, if a database holds several rings of them; default `default`. */
  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>, { name = 'default' }: { name?: string } = {}) {
    this.name = name;
    this.title = `row ${JSON.stringify(name)} of PIN secrets in zkp_pin_secrets`;
    this.#text = new SqlVersionedText(db, 'zkp_pin_secrets', name);
  }

  read(): Promise<StoredPinSecrets | null> {
    return this.#text.read();
  }

  replace(expectedVersion: number | null, content: string): Promise<boolean> {
    return this.#text.replace(expectedVersion, content);
  }
}
