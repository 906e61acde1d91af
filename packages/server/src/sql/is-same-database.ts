import type { Kysely } from 'kysely';
import type { ZkpAuthTables } from './schema.js';

/**
 * Whether two stores use one database. It is one if the same `new Kysely` made both handles, and if our tables are in
 * the same schema. Each `new Kysely` has an adapter of its own, which `withSchema` and similar calls share.
 */
export function isSameDatabase(a: Kysely<ZkpAuthTables>, b: Kysely<ZkpAuthTables>): boolean {
  return a.getExecutor().adapter === b.getExecutor().adapter && tableOf(a) === tableOf(b);
}

/** The table's name with its schema. */
function tableOf(db: Kysely<ZkpAuthTables>): string {
  return db.selectFrom('zkp_pins').select('pin_hash').compile().sql;
}
