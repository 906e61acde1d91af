import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteDatabase } from 'kysely';
import { reuseStatements } from './reuse-statements.js';

/** The members of better-sqlite3's `Database` that are needed here. */
export interface SqliteSetUp extends SqliteDatabase {
  pragma(source: string): unknown;
}

/** How long other processes may keep a new file locked. */
const patienceMs = 10_000;

/**
 * Set up a better-sqlite3 database as the stores need it. WAL mode with `synchronous = FULL` keeps every creation,
 * count and ending through a loss of power. Each statement is prepared once. {@link createSqliteDialect} does the
 * same, and returns the dialect.
 *
 * @returns the `database` of Kysely's `SqliteDialect`. It is not better-sqlite3's `Database`, so run your own queries
 * through Kysely.
 * @throws SQLite's error if the file cannot be used, or if other processes keep it locked for ten seconds.
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

/**
 * Switch the file to WAL mode. SQLite does not wait for a lock when it switches a new file. If several processes
 * start at once, it refuses all but one.
 */
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
