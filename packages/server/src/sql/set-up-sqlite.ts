import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteDatabase } from 'kysely';
import { reuseStatements } from './reuse-statements.js';

/** What a `Database` of better-sqlite3 has of what is needed here. */
export interface SqliteSetUp extends SqliteDatabase {
  pragma(source: string): unknown;
}

/** How long others may take to let go of a new file. */
const patienceMs = 10_000;

/**
 * Set a better-sqlite3 database up as the stores need it: in WAL mode, with `synchronous = FULL`, so that what was
 * created, counted or ended survives a loss of power; and have each statement prepared once. {@link createSqliteDialect}
 * does the same, and gives the dialect.
 *
 * @returns the `database` of Kysely's `SqliteDialect`. It is no `Database` of better-sqlite3: run queries of your own by
 * Kysely.
 * @throws what SQLite said, where the file cannot be used, or others keep it locked for ten seconds.
 *
 * @example
 * ```ts
 * const dialect = new SqliteDialect({ database: () => setUpSqlite(new Database('./data/auth.db')) });
 * ```
 */
export async function setUpSqlite(database: SqliteSetUp): Promise<SqliteDatabase> {
  await switchToWal(database);
  database.pragma('synchronous = FULL');
  return reuseStatements(database);
}

/** SQLite waits for no lock to switch a new file: of processes that start at once it refuses all but one. */
async function switchToWal(database: SqliteSetUp): Promise<void> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() >= endMs) throw error;
    }
    await sleep(randomInt(5, 50));
  }
}

function isBusy(error: unknown): boolean {
  return String((error as { code?: unknown } | null)?.code).startsWith('SQLITE_BUSY');
}
