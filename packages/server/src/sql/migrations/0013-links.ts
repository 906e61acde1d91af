import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Links of new devices. Ended ones are kept for a day, and then forgotten by `forgettable_at_ms`. */
export const links: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_links')
      .ifNotExists()
      .addColumn('link_id', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('credential_id', 'text', (column) => column.notNull())
      .addColumn('audience', 'text', (column) => column.notNull())
      .addColumn('commitment', 'text', (column) => column.notNull())
      .addColumn('code_hash', 'text', (column) => column.notNull())
      .addColumn('claims', 'integer', (column) => column.notNull())
      .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('forgettable_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('new_public_key', 'text')
      .addColumn('new_nonce', 'text')
      .addColumn('new_pin_hash', 'text')
      .addColumn('new_secret_id', 'text')
      .addColumn('new_device_name', 'text')
      .addColumn('nonce', 'text')
      .addColumn('ended', 'text')
      .addColumn('ended_at_ms', 'bigint')
      .addPrimaryKeyConstraint('zkp_links_pkey', ['link_id', 'tenant'])
      .addUniqueConstraint('zkp_links_code_hash_key', ['code_hash', 'tenant'])
      .execute();
    await db.schema
      .createIndex('zkp_links_of_user')
      .ifNotExists()
      .on('zkp_links')
      .columns(['user_id', 'tenant', 'opened_at_ms'])
      .execute();
    await db.schema
      .createIndex('zkp_links_forgettable')
      .ifNotExists()
      .on('zkp_links')
      .column('forgettable_at_ms')
      .execute();
  },
};
