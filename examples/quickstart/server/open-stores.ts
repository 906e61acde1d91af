import { openSqliteStores, type SqliteStores } from '@zkp-auth/server/sql';
import { type LedgerTables, makeLedgerTables } from './ledger.ts';

export const databaseFile = 'quickstart.db';

/** Open one folder with one SQLite database, for sign-in and for the application's own payments. */
export async function openStores(dataFolder: string): Promise<SqliteStores<LedgerTables>> {
  const stores = await openSqliteStores<LedgerTables>(dataFolder, { file: databaseFile });
  await makeLedgerTables(stores.db);
  return stores;
}
