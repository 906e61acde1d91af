import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { migrateSqlStores, setUpSqlite } from '@zkp-auth/server/sql';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { type LedgerTables, makeLedgerTables } from './ledger.ts';

export const databaseFile = 'quickstart.db';

/** One SQLite file for sign-in and for what the application keeps itself, its tables up to date. */
export async function openDatabase(dataFolder: string): Promise<Kysely<LedgerTables>> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  // What a browser was told of is on disk, also after a power cut: an account, a try, the end of a session, a payment.
  const path = join(dataFolder, databaseFile);
  closeToOthers(path);
  const database = await setUpSqlite(new Database(path));
  const db = new Kysely<LedgerTables>({ dialect: new SqliteDialect({ database }) });
  await migrateSqlStores(db);
  await makeLedgerTables(db);
  return db;
}

/** The folder may have been there, open to others. SQLite gives the files beside a database the database's mode. */
function closeToOthers(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}
