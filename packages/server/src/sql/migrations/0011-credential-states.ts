import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';

/**
 * Several credentials of a user: their kind, their origin and their last use, and how long one is pending. A pin says
 * since when its credential is revoked, and when another device has unlocked it. Such a pin is still answered, but
 * needs no PIN secret to be kept for it.
 */
export const credentialStates: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await addMissingColumn(db, {
      table: 'zkp_credentials',
      column: 'kind',
      type: 'text',
      define: (added) => added.notNull().defaultTo('device'),
    });
    await addMissingColumn(db, { table: 'zkp_credentials', column: 'added_by', type: 'text' });
    for (const column of ['pending_until_ms', 'last_used_at_ms'])
      await addMissingColumn(db, { table: 'zkp_credentials', column, type: 'bigint' });
    for (const column of ['frozen_at_ms', 'unlocked_at_ms', 'unlocked_before_ms'])
      await addMissingColumn(db, { table: 'zkp_pins', column, type: 'bigint' });
    await db.schema
      .createIndex('zkp_pins_needed')
      .ifNotExists()
      .on('zkp_pins')
      .columns(['secret_id'])
      .where(sql.ref('retired_at_ms'), 'is', null)
      .where(sql.ref('frozen_at_ms'), 'is', null)
      .execute();
    await db.schema
      .createIndex('zkp_pins_frozen_first')
      .ifNotExists()
      .on('zkp_pins')
      .columns(['frozen_at_ms'])
      .where(sql.ref('frozen_at_ms'), 'is not', null)
      .execute();
    await db.schema.dropIndex('zkp_pins_needed_secrets').ifExists().execute();
  },
};
