import type { Kysely } from 'kysely';
import type { ZkpAuthTables } from './schema.js';

/**
 * Whether two stores' databases are one: made by the same `new Kysely`, and with our tables in the same schema. Each
 * `new Kysely` has an adapter of its own, which `withSchema` and the like share.
 */
export function isSameDatabase(a: Kysely<ZkpAuthTables>, b: Kysely<ZkpAuthTables>): boolean {
  return a.getExecutor().adapter === b.getExecutor().adapter && tableOf(a) === tableOf(b);
}

/** With its schema. */
function tableOf(db: Kysely<ZkpAuthTables>): string {
  return db.selectFrom('zkp_pins').select('pin_hash').compile().sql;
}
