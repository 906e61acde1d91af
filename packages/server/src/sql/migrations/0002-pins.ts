import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Enrolled pinIds, and when a credential's record was last suspected of having been copied. A pin refers to no
 * credential by a foreign key: that of a registration is enrolled before its user is created.
 */
export const pins: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_pins')
      .ifNotExists()
      .addColumn('pin_hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('credential_id', 'text', (column) => column.notNull())
      .addColumn('secret_id', 'text', (column) => column.notNull())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('max_tries', 'integer', (column) => column.notNull())
      .addColumn('last_try_at_ms', 'bigint')
      .addColumn('enrolled_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('retired_at_ms', 'bigint')
      .execute();
    await db.schema
      .createIndex('zkp_pins_by_credential')
      .ifNotExists()
      .on('zkp_pins')
      .columns(['credential_id', 'enrolled_at_ms'])
      .execute();
    await db.schema
      .createIndex('zkp_pins_by_retirement')
      .ifNotExists()
      .on('zkp_pins')
      .columns(['retired_at_ms', 'secret_id'])
      .execute();
    // SQLite knows no ADD COLUMN IF NOT EXISTS, and a process may have been killed behind this line.
    if (await hasColumn(db, 'zkp_credentials', 'clone_suspected_at_ms')) return;
    await db.schema.alterTable('zkp_credentials').addColumn('clone_suspected_at_ms', 'bigint').execute();
  },
};

export async function hasColumn(db: Kysely<unknown>, table: string, column: string): Promise<boolean> {
  const tables = await db.introspection.getTables();
  return tables.some(({ name, columns }) => name === table && columns.some((known) => known.name === column));
}
