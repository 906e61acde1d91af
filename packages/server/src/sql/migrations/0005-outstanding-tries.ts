import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { hasColumn } from './0002-pins.js';

/** Which tries of a pin are outstanding, so that each can be given back for itself. */
export const outstandingTries: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // SQLite knows no ADD COLUMN IF NOT EXISTS, and a process may have been killed behind this line.
    if (await hasColumn(db, 'zkp_pins', 'outstanding')) return;
    await db.schema
      .alterTable('zkp_pins')
      .addColumn('outstanding', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
  },
};
