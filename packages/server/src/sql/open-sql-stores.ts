import type { Kysely } from 'kysely';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlKeyRingStore } from './sql-key-ring-store.js';
import { SqlPinSecretStore } from './sql-pin-secret-store.js';
import { rowStoresOf, type SqlStores } from './sql-stores.js';

export interface OpenSqlStoresOptions {
  /**
   * Whether the key ring and the PIN secrets are sealed under `ZKP_AUTH_MASTER_KEY`; default true. Without it, whoever
   * reads the database signs tokens and guesses the PINs of copied records offline.
   */
  encrypt?: boolean | undefined;
  /**
   * Of the key ring and of the PIN secrets; default `default`. Their seals are bound to it. Applications that share a
   * master key need names of their own, such as `https://api.example`.
   */
  name?: string | undefined;
}

/**
 * All that must last, in a database that you have opened by Kysely: SQLite or PostgreSQL. The tables are made, and
 * brought up to date. Any number of processes may do so at once.
 *
 * @throws the error of the database, if it cannot be used.
 *
 * @example
 * ```ts
 * const auth = await openZkpAuth({ origins, stores: await openSqlStores(db), redis });
 * ```
 */
export async function openSqlStores<Tables>(
  db: Kysely<Tables>,
  options: OpenSqlStoresOptions = {},
): Promise<SqlStores<Tables>> {
  const { encrypt = true, name = 'default' } = options;
  await migrateSqlStores(db);
  return {
    ...rowStoresOf(db),
    keyRing: new SqlKeyRingStore(db, { name }),
    pinSecrets: new SqlPinSecretStore(db, { name }),
    encrypt,
  };
}
