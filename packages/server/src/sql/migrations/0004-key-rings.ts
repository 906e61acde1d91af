import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Rings of signing keys. Each ring is one document that is replaced whole. */
export const keyRings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_key_rings')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .execute();
  },
};
