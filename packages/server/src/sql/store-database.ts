import { Kysely } from 'kysely';
import { isSqlite } from './is-sqlite.js';
import { ownTables } from './own-tables.js';
import { RetryingDialect } from './retrying-dialect.js';
import type { ZkpAuthTables } from './schema.js';

/**
 * The application's database as the stores use it: in its schema, without its other plugins, and at any isolation
 * level that the application has set. In a transaction of the application, the application's own level applies.
 */
// oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
export function storeDatabase(db: Kysely<any>): Kysely<ZkpAuthTables> {
  const tables = ownTables<ZkpAuthTables>(db);
  if (isSqlite(tables) || tables.isTransaction) return tables;
  const { plugins } = tables.getExecutor();
  return new Kysely({ dialect: new RetryingDialect(tables), plugins: [...plugins] });
}
