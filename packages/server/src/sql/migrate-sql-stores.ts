import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { usersAndCredentials } from './migrations/0001-users-and-credentials.js';

const migrations: Record<string, Migration> = {
  '0001-users-and-credentials': usersAndCredentials,
};

/**
 * Bring the tables up to date: run it at every start, before the stores are used. Processes that start at once
 * take turns. It touches only tables whose names begin with `zkp_`.
 *
 * @throws what the database said, where a migration failed; what had run of it is rolled back.
 *
 * @example
 * ```ts
 * const db = new Kysely<any>({ dialect: new SqliteDialect({ database: new Database('./data/auth.db') }) });
 * await migrateSqlStores(db);
 * ```
 */
// oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
export async function migrateSqlStores(db: Kysely<any>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: 'zkp_migration',
    migrationLockTableName: 'zkp_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
