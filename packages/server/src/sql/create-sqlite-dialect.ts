import { SqliteDialect } from 'kysely';
import { setUpSqlite, type SqliteSetUp } from './set-up-sqlite.js';

/**
 * Kysely's dialect for a better-sqlite3 database, which is set up as the stores need it. WAL mode with
 * `synchronous = FULL` keeps every creation, count and ending through a loss of power. Each statement is prepared
 * once. The database stays yours, and `db.destroy()` of Kysely closes it.
 *
 * @throws SQLite's error if the file cannot be used, or if other processes keep it locked for ten seconds.
 *
 * @example
 * ```ts
 * const dialect = await createSqliteDialect(new Database('./data/auth.db'));
 * const db = new Kysely<any>({ dialect });
 * await migrateSqlStores(db);
 * ```
 */
export async function createSqliteDialect(database: SqliteSetUp): Promise<SqliteDialect> {
  return new SqliteDialect({ database: await setUpSqlite(database) });
}
