import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';

/**
 * The credential that replaced another one, the lineage of both, and the time when a user was suspended. A lineage
 * has the id of its first credential. Credentials from before this migration have the lineage `null`, since their
 * users have only one. The index finds the live credentials of a user, and the last revoked ones, without reading the
 * rest.
 */
export const replacedCredentials: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await addMissingColumn(db, { table: 'zkp_users', column: 'suspended_at_ms', type: 'bigint' });
    for (const column of ['replaced_by', 'lineage_id']) {
      await addMissingColumn(db, { table: 'zkp_credentials', column, type: 'text' });
    }
    await db.schema
      .createIndex('zkp_credentials_by_revocation')
      .ifNotExists()
      .on('zkp_credentials')
      .columns(['user_id', 'revoked_at_ms'])
      .execute();
    await db.schema.dropIndex('zkp_credentials_by_user').ifExists().execute();
  },
};
