import { SqliteDialect } from 'kysely';
import { setUpSqlite, type SqliteSetUp } from './set-up-sqlite.js';

/**
 * The dialect of Kysely for a better-sqlite3 database, which is set up as the stores need it: in WAL mode, with
 * `synchronous = FULL`, so that a loss of power takes back nothing that was created, counted or ended. Each statement is
 * prepared once. The database stays yours, and `db.destroy()` of Kysely closes it.
 *
 * @throws the error of SQLite, if the file cannot be used, or others keep it locked for ten seconds.
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
