import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { usersAndCredentials } from './migrations/0001-users-and-credentials.js';
import { pins } from './migrations/0002-pins.js';
import { sessions } from './migrations/0003-sessions.js';
import { keyRings } from './migrations/0004-key-rings.js';
import { outstandingTries } from './migrations/0005-outstanding-tries.js';

const migrations: Record<string, Migration> = {
  '0001-users-and-credentials': usersAndCredentials,
  '0002-pins': pins,
  '0003-sessions': sessions,
  '0004-key-rings': keyRings,
  '0005-outstanding-tries': outstandingTries,
};

/** SQLite has no lock that Kysely could hold over a migration: whoever comes second finds its work done. */
const maxTries = 10;

/**
 * Bring the tables up to date: run it at every start, before the stores are used. Any number of processes may do
 * so at once. It touches only tables whose names begin with `zkp_`.
 *
 * @throws what the database said, where a migration failed.
 *
 * @example
 * ```ts
 * const database = await setUpSqlite(new Database('./data/auth.db'));
 * const db = new Kysely<any>({ dialect: new SqliteDialect({ database }) });
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
  for (let tries = 1; ; tries++) {
    const { error } = await migrator.migrateToLatest();
    if (error === undefined) return;
    if (tries === maxTries) throw error;
    await sleep(randomInt(20, 100));
  }
}
