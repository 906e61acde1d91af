import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { openSqlStores, type OpenSqlStoresOptions } from './open-sql-stores.js';
import { type PostgresSetUp, setUpPostgres, type SetUpPostgresOptions } from './set-up-postgres.js';
import type { SqlStores } from './sql-stores.js';

export interface OpenPostgresStoresOptions extends OpenSqlStoresOptions, SetUpPostgresOptions {
  /** An existing schema for the tables; default the current one, which is the first of the `search_path`. */
  schema?: string | undefined;
}

/**
 * All durable stores in PostgreSQL: credentials, pins, sessions, the key ring and the PIN secrets. The last two are
 * sealed under `ZKP_AUTH_MASTER_KEY`. {@link setUpPostgres} sets the pool up, and the pool stays yours to end. Any
 * number of processes may start at once, also on an empty database.
 *
 * @throws `TypeError` if the argument is no pool, and PostgreSQL's error if the database cannot be used.
 *
 * @example
 * ```ts
 * const stores = await openPostgresStores(new Pool({ connectionString }));
 * const auth = await openZkpAuth({ origins: ['https://app.example'], stores, redis });
 * ```
 */
export async function openPostgresStores<Tables = unknown>(
  pool: PostgresSetUp & PostgresPool,
  options: OpenPostgresStoresOptions = {},
): Promise<SqlStores<Tables>> {
  if (typeof pool?.connect !== 'function' || typeof pool.on !== 'function') {
    throw new TypeError('openPostgresStores: pass a Pool of pg, such as "new Pool({ connectionString })"');
  }
  const { schema, onError } = options;
  const dialect = new PostgresDialect({ pool: setUpPostgres(pool, { onError }) });
  const db = new Kysely<Tables>({ dialect });
  return openSqlStores(schema === undefined ? db : db.withSchema(schema), options);
}
