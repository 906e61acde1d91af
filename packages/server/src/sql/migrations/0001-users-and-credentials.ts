import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A user has any number of credentials. A public key is unique over all users. */
export const usersAndCredentials: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_users')
      .ifNotExists()
      .addColumn('user_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('zkp_credentials')
      .ifNotExists()
      .addColumn('credential_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('user_id', 'text', (column) => column.notNull().references('zkp_users.user_id'))
      .addColumn('public_key', 'text', (column) => column.notNull().unique())
      .addColumn('device_name', 'text')
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('revoked_at_ms', 'bigint')
      .execute();
    await db.schema
      .createIndex('zkp_credentials_by_user')
      .ifNotExists()
      .on('zkp_credentials')
      .columns(['user_id', 'created_at_ms'])
      .execute();
  },
};
