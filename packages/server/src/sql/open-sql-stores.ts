import type { Kysely } from 'kysely';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlKeyRingStore } from './sql-key-ring-store.js';
import { SqlPinSecretStore } from './sql-pin-secret-store.js';
import { rowStoresOf, type SqlStores } from './sql-stores.js';

export interface OpenSqlStoresOptions {
  /**
   * Whether the key ring and the PIN secrets are sealed under `ZKP_AUTH_MASTER_KEY`; default true. Without sealing, a
   * person who reads the database can sign tokens, and can guess the PINs of copied records offline.
   */
  encrypt?: boolean | undefined;
  /**
   * Name of the key ring and of the PIN secrets; default `default`. Their seals are bound to it. Applications that
   * share a master key need different names, such as `https://api.example`.
   */
  name?: string | undefined;
}

/**
 * All durable stores in a database that you have opened with Kysely: SQLite or PostgreSQL. It creates the tables and
 * brings them up to date. Any number of processes may do so at once.
 *
 * @throws the database's error if it cannot be used.
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
