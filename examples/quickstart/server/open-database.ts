import { mkdirSync } from 'node:fs';
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
  const database = await setUpSqlite(new Database(join(dataFolder, databaseFile)));
  const db = new Kysely<LedgerTables>({ dialect: new SqliteDialect({ database }) });
  await migrateSqlStores(db);
  await makeLedgerTables(db);
  return db;
}
