import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';

/**
 * Enrolled pinIds, and the time when a credential's record was last suspected of having been copied. A pin has no
 * foreign key to its credential, because the pin of a registration is enrolled before its user is created.
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
    await addMissingColumn(db, { table: 'zkp_credentials', column: 'clone_suspected_at_ms', type: 'bigint' });
  },
};
