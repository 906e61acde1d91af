import { type CreateTableBuilder, type Kysely, sql, type Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn, hasColumn } from '../add-missing-column.js';
import { isSqlite } from '../is-sqlite.js';
import { rebuildTables, type RebuiltTable } from '../rebuild-tables.js';

type Table = CreateTableBuilder<string, string>;

/**
 * A tenant in the keys of all tables, so that two tenants can have a user of one name. The default tenant is the
 * empty text. The id comes first in each key, so that the statements of a release before, which name no tenant, still
 * find their rows by the key.
 */
export const tenants: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    if (!isSqlite(db)) await replaceKeys(db);
    else if (db.isTransaction) await rebuild(db);
    else await db.transaction().execute(rebuild);
  },
};

/** The tables, with the id that the tenant follows in their primary key. */
const keys = {
  zkp_users: 'user_id',
  zkp_credentials: 'credential_id',
  zkp_pins: 'pin_hash',
  zkp_session_epochs: 'user_id',
  zkp_sessions: 'session_id',
  zkp_key_rings: 'name',
  zkp_pin_secrets: 'name',
} as const;

const userReference = 'zkp_credentials_user_id_fkey';
const uniqueKey = 'zkp_credentials_public_key_key';

async function replaceKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('zkp_credentials').dropConstraint(userReference).ifExists().execute();
  for (const [table, id] of Object.entries(keys)) {
    await addMissingColumn(db, { table, column: 'tenant', type: 'text', define: isTenant });
    const key = `${table}_pkey`;
    await db.schema.alterTable(table).dropConstraint(key).execute();
    await db.schema.alterTable(table).addPrimaryKeyConstraint(key, [id, 'tenant']).execute();
  }
  await db.schema.alterTable('zkp_credentials').dropConstraint(uniqueKey).execute();
  await db.schema
    .alterTable('zkp_credentials')
    .addUniqueConstraint(uniqueKey, ['public_key', 'tenant'])
    .execute();
  await db.schema
    .alterTable('zkp_credentials')
    .addForeignKeyConstraint(userReference, ['user_id', 'tenant'], 'zkp_users', ['user_id', 'tenant'])
    .execute();
  await createIndexes(db);
}

/** SQLite cannot change a key, so each table is made again. A process that comes second finds the work done. */
async function rebuild(db: Transaction<unknown> | Kysely<unknown>): Promise<void> {
  // Writes first, so that the transaction has SQLite's one turn to write from the beginning.
  await sql`update zkp_migration set name = name where name = ''`.execute(db);
  const missing: RebuiltTable[] = [];
  for (const table of sqliteTables) if (!(await hasColumn(db, table.name, 'tenant'))) missing.push(table);
  if (missing.length === 0) return;
  for (const name of ['zkp_sessions_displace', 'zkp_sessions_end_all'])
    await sql`drop trigger if exists ${sql.ref(name)}`.execute(db);
  await rebuildTables(db, missing);
  await createIndexes(db);
  await createTriggers(db);
}

const isTenant = <Column extends { notNull(): Column; defaultTo(value: string): Column }>(
  column: Column,
): Column => column.notNull().defaultTo('');

function withKey(table: Table, name: keyof typeof keys): Table {
  return table
    .addColumn('tenant', 'text', isTenant)
    .addPrimaryKeyConstraint(`${name}_pkey`, [keys[name], 'tenant'] as never);
}

/** In an order in which each refers only to tables before it. */
const sqliteTables: readonly RebuiltTable[] = [
  {
    name: 'zkp_users',
    define: (table) =>
      withKey(table, 'zkp_users')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('suspended_at_ms', 'bigint'),
  },
  {
    name: 'zkp_credentials',
    define: (table) =>
      withKey(table, 'zkp_credentials')
        .addColumn('credential_id', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('public_key', 'text', (column) => column.notNull())
        .addColumn('device_name', 'text')
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('revoked_at_ms', 'bigint')
        .addColumn('clone_suspected_at_ms', 'bigint')
        .addColumn('replaced_by', 'text')
        .addColumn('lineage_id', 'text')
        .addUniqueConstraint(uniqueKey, ['public_key', 'tenant'] as never)
        .addForeignKeyConstraint(userReference, ['user_id', 'tenant'] as never, 'zkp_users', [
          'user_id',
          'tenant',
        ]),
  },
  {
    name: 'zkp_pins',
    define: (table) =>
      withKey(table, 'zkp_pins')
        .addColumn('pin_hash', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('credential_id', 'text', (column) => column.notNull())
        .addColumn('secret_id', 'text', (column) => column.notNull())
        .addColumn('tries', 'integer', (column) => column.notNull())
        .addColumn('max_tries', 'integer', (column) => column.notNull())
        .addColumn('last_try_at_ms', 'bigint')
        .addColumn('enrolled_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('retired_at_ms', 'bigint')
        .addColumn('outstanding', 'text', (column) => column.notNull().defaultTo(''))
        .addColumn('answered', 'text', (column) => column.notNull().defaultTo(''))
        .addColumn('carried_tries', 'bigint', (column) => column.notNull().defaultTo(0)),
  },
  {
    name: 'zkp_session_epochs',
    define: (table) =>
      withKey(table, 'zkp_session_epochs')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('epoch', 'bigint', (column) => column.notNull())
        .addColumn('kept_session_id', 'text')
        .addColumn('changes', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('kept', 'text'),
  },
  {
    name: 'zkp_sessions',
    define: (table) =>
      withKey(table, 'zkp_sessions')
        .addColumn('session_id', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('credential_id', 'text', (column) => column.notNull())
        .addColumn('session_key', 'text')
        .addColumn('device_name', 'text')
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('ends_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('refresh_hash', 'text', (column) => column.notNull())
        .addColumn('spent_tokens', 'text', (column) => column.notNull())
        .addColumn('epoch', 'bigint', (column) => column.notNull())
        .addColumn('displaced', 'text')
        .modifyEnd(sql`without rowid`),
  },
  ...(['zkp_key_rings', 'zkp_pin_secrets'] as const).map((name) => ({
    name,
    define: (table: Table) =>
      withKey(table, name)
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull()),
  })),
];

/** Each has the tenant behind its first column, so that the columns after it still give an order. */
const indexes = [
  { name: 'zkp_credentials_by_revocation', columns: ['user_id', 'tenant', 'revoked_at_ms'] },
  {
    name: 'zkp_pins_live',
    columns: ['credential_id', 'tenant', 'enrolled_at_ms', 'pin_hash'],
    of: 'live',
  },
  { name: 'zkp_pins_needed_secrets', columns: ['secret_id'], of: 'live' },
  { name: 'zkp_pins_retired', columns: ['credential_id', 'tenant', 'retired_at_ms'], of: 'retired' },
  { name: 'zkp_pins_retired_first', columns: ['retired_at_ms'], of: 'retired' },
  { name: 'zkp_sessions_by_use', columns: ['user_id', 'tenant', 'epoch', 'last_used_at_ms'] },
] as const;

async function createIndexes(db: Kysely<unknown>): Promise<void> {
  for (const { name, columns, ...index } of indexes) {
    await db.schema.dropIndex(name).ifExists().execute();
    const table = /^zkp_[a-z]+/.exec(name)?.[0] as string;
    const created = db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns]);
    const condition = 'of' in index ? (index.of === 'live' ? 'is' : 'is not') : null;
    await (condition === null ? created : created.where(sql.ref('retired_at_ms'), condition, null)).execute();
  }
}

/** Those of the migration `0006-bounded-sessions`, within one tenant. */
async function createTriggers(db: Kysely<unknown>): Promise<void> {
  await sql`
    create trigger zkp_sessions_displace
    after insert on zkp_sessions when new.displaced is not null
    begin
      delete from zkp_sessions where session_id = substr(new.displaced, 1, 43) and tenant = new.tenant;
      delete from zkp_sessions where session_id = substr(new.displaced, 66, 43) and tenant = new.tenant;
    end`.execute(db);
  await sql`
    create trigger zkp_sessions_end_all
    after update of epoch on zkp_session_epochs when new.epoch > old.epoch
    begin
      update zkp_sessions set epoch = new.epoch
      where session_id in (select value from json_each(coalesce(new.kept, '[]')) union all select new.kept_session_id)
        and +tenant = new.tenant and +user_id = new.user_id and +epoch = old.epoch;
      delete from zkp_sessions where +tenant = new.tenant and session_id in (
        select session_id from zkp_sessions where user_id = new.user_id and tenant = new.tenant and epoch < new.epoch
        limit max(0, 100 - json_array_length(coalesce(new.kept, '[]')))
      );
    end`.execute(db);
}
