import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';
import { isSqlite } from '../is-sqlite.js';

/**
 * The erasure of users: since when it is under way, the names that stay reserved and the ids of erased credentials,
 * each as a hash, and an index that finds a user's pins. SQLite keeps the hashes in the order of their bytes, so that
 * their order does not tell which were erased together.
 */
export const erasure: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await addMissingColumn(db, { table: 'zkp_users', column: 'erasing_at_ms', type: 'bigint' });
    await db.schema
      .createIndex('zkp_users_erasing')
      .ifNotExists()
      .on('zkp_users')
      .columns(['erasing_at_ms'])
      .where(sql.ref('erasing_at_ms'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('zkp_pins_by_user')
      .ifNotExists()
      .on('zkp_pins')
      .columns(['user_id', 'tenant'])
      .execute();
    const byHash = isSqlite(db) ? sql`without rowid` : sql``;
    const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
    const tenant = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
      column.notNull().defaultTo('');
    await db.schema
      .createTable('zkp_reserved_names')
      .ifNotExists()
      .addColumn('name_hash', 'text', required)
      .addColumn('tenant', 'text', tenant)
      .addColumn('until_ms', 'bigint')
      .addPrimaryKeyConstraint('zkp_reserved_names_pkey', ['name_hash', 'tenant'])
      .modifyEnd(byHash)
      .execute();
    await db.schema
      .createIndex('zkp_reserved_names_ending')
      .ifNotExists()
      .on('zkp_reserved_names')
      .columns(['until_ms'])
      .where(sql.ref('until_ms'), 'is not', null)
      .execute();
    await db.schema
      .createTable('zkp_erased_credentials')
      .ifNotExists()
      .addColumn('credential_hash', 'text', required)
      .addColumn('tenant', 'text', tenant)
      .addPrimaryKeyConstraint('zkp_erased_credentials_pkey', ['credential_hash', 'tenant'])
      .modifyEnd(byHash)
      .execute();
  },
};
