import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** PIN secrets. Each ring of them is one document that is replaced whole. */
export const pinSecrets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_pin_secrets')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .execute();
  },
};
