import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';

const indexes = [
  { name: 'zkp_pins_live', of: 'live', columns: ['credential_id', 'enrolled_at_ms', 'pin_hash'] },
  { name: 'zkp_pins_needed_secrets', of: 'live', columns: ['secret_id'] },
  { name: 'zkp_pins_retired', of: 'retired', columns: ['credential_id', 'retired_at_ms'] },
  { name: 'zkp_pins_retired_first', of: 'retired', columns: ['retired_at_ms'] },
] as const;

/**
 * The stray tries that a renewed pin carries over, and indexes that let each statement read only the rows that it
 * needs. Live pins and retired pins have separate indexes, so that no number of retired pins delays a renewal.
 */
export const boundedPins: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await addMissingColumn(db, {
      table: 'zkp_pins',
      column: 'carried_tries',
      type: 'bigint',
      define: (added) => added.notNull().defaultTo(0),
    });
    for (const { name, columns, of } of indexes) {
      await db.schema
        .createIndex(name)
        .ifNotExists()
        .on('zkp_pins')
        .columns([...columns])
        .where(sql.ref('retired_at_ms'), of === 'live' ? 'is' : 'is not', null)
        .execute();
    }
    for (const name of ['zkp_pins_by_credential', 'zkp_pins_by_retirement'])
      await db.schema.dropIndex(name).ifExists().execute();
  },
};
