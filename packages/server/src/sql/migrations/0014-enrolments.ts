import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Leave of the application for new devices. A token stands there as its hash. */
export const enrolments: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_enrolments')
      .ifNotExists()
      .addColumn('token_hash', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('zkp_enrolments_pkey', ['token_hash', 'tenant'])
      .execute();
    await db.schema
      .createIndex('zkp_enrolments_of_user')
      .ifNotExists()
      .on('zkp_enrolments')
      .columns(['user_id', 'tenant', 'created_at_ms'])
      .execute();
  },
};
