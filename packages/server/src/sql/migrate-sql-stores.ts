import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isSqlite } from './is-sqlite.js';
import { usersAndCredentials } from './migrations/0001-users-and-credentials.js';
import { pins } from './migrations/0002-pins.js';
import { sessions } from './migrations/0003-sessions.js';
import { keyRings } from './migrations/0004-key-rings.js';
import { outstandingTries } from './migrations/0005-outstanding-tries.js';
import { boundedSessions } from './migrations/0006-bounded-sessions.js';
import { boundedPins } from './migrations/0007-bounded-pins.js';
import { replacedCredentials } from './migrations/0008-replaced-credentials.js';
import { pinSecrets } from './migrations/0009-pin-secrets.js';
import { tenants } from './migrations/0010-tenants.js';
import { credentialStates } from './migrations/0011-credential-states.js';
import { erasure } from './migrations/0012-erasure.js';
import { links } from './migrations/0013-links.js';
import { enrolments } from './migrations/0014-enrolments.js';
import { ownTables } from './own-tables.js';

const migrations: Record<string, Migration> = {
  '0001-users-and-credentials': usersAndCredentials,
  '0002-pins': pins,
  '0003-sessions': sessions,
  '0004-key-rings': keyRings,
  '0005-outstanding-tries': outstandingTries,
  '0006-bounded-sessions': boundedSessions,
  '0007-bounded-pins': boundedPins,
  '0008-replaced-credentials': replacedCredentials,
  '0009-pin-secrets': pinSecrets,
  '0010-tenants': tenants,
  '0011-credential-states': credentialStates,
  '0012-erasure': erasure,
  '0013-links': links,
  '0014-enrolments': enrolments,
};

interface MigrationTable {
  zkp_migration: {
    name: string;
    /** In ISO 8601. */
    timestamp: string;
  };
}

/** SQLite has no lock for a migration. A process that comes second finds the work done, or tries again. */
const maxTries = 10;

/** Id of the advisory lock that a migration takes in PostgreSQL: `zkpauth` in ASCII. */
const lockId = '34458077574296680';

/**
 * Bring the tables up to date. Run it at every start, before the stores are used. Any number of processes may run it
 * at once, also through a pooler such as PgBouncer. It touches only tables whose names begin with `zkp_`. They are in
 * the schema of `db.withSchema(name)`, or else in PostgreSQL's current schema. The schema has to exist.
 *
 * @throws the database's error if a migration failed. PostgreSQL has then rolled it back.
 *
 * @example
 * ```ts
 * const dialect = await createSqliteDialect(new Database('./data/auth.db'));
 * const db = new Kysely<any>({ dialect });
 * await migrateSqlStores(db);
 * ```
 */
// oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
export async function migrateSqlStores(db: Kysely<any>): Promise<void> {
  const tables = ownTables<MigrationTable>(db);
  for (let tries = 1; ; tries++) {
    try {
      return await (isSqlite(tables) ? migrate(tables) : migrateInTransaction(tables));
    } catch (error) {
      if (tries === maxTries) throw error;
    }
    await sleep(randomInt(20, 100));
  }
}

/** The lock belongs to the transaction, because behind a pooler a client does not keep its database session. */
async function migrateInTransaction(db: Kysely<MigrationTable>): Promise<void> {
  await db
    .transaction()
    // Each statement sees the commits of the process before.
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(lockId)}::bigint)`.execute(transaction);
      await migrate(transaction);
    });
}

async function migrate(db: Kysely<MigrationTable>): Promise<void> {
  await db.schema
    .createTable('zkp_migration')
    .ifNotExists()
    .addColumn('name', 'varchar(255)', (column) => column.primaryKey().notNull())
    .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
    .execute();
  const rows = await db.selectFrom('zkp_migration').select('name').execute();
  const applied = new Set(rows.map(({ name }) => name));
  const unknown = [...applied].find((name) => !Object.hasOwn(migrations, name));
  if (unknown !== undefined)
    throw new Error(
      `zkp_migration: ${unknown} was applied by a newer release of @zkp-auth/server. Install that one`,
    );
  for (const [name, migration] of Object.entries(migrations)) {
    if (applied.has(name)) continue;
    await migration.up(db);
    await db
      .insertInto('zkp_migration')
      .values({ name, timestamp: new Date().toISOString() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
