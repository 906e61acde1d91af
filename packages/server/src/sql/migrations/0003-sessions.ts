import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isSqlite } from '../is-sqlite.js';

/**
 * Sessions, and the epoch that ends all sessions of a user at once. They have no foreign key to a user, because
 * credentials may be kept elsewhere. Each login writes a row. In SQLite the table is one tree (`without rowid`),
 * ordered by its key, which begins with the user's tag.
 */
export const sessions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('zkp_session_epochs')
      .ifNotExists()
      .addColumn('user_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('epoch', 'bigint', (column) => column.notNull())
      .addColumn('kept_session_id', 'text')
      .execute();
    await db.schema
      .createTable('zkp_sessions')
      .ifNotExists()
      .addColumn('session_id', 'text', (column) => column.primaryKey().notNull())
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
      .$call((table) => (isSqlite(db) ? table.modifyEnd(sql`without rowid`) : table))
      .execute();
    if (isSqlite(db)) return;
    await db.schema
      .createIndex('zkp_sessions_by_user')
      .ifNotExists()
      .on('zkp_sessions')
      .columns(['user_id', 'credential_id'])
      .execute();
  },
};
