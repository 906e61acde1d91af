import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';

/** Records which tries of a pin are outstanding, so that each can be given back by itself. */
export const outstandingTries: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const column of ['outstanding', 'answered']) {
      await addMissingColumn(db, {
        table: 'zkp_pins',
        column,
        type: 'text',
        define: (added) => added.notNull().defaultTo(''),
      });
    }
  },
};
