import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';

/**
 * What replaced a credential, the lineage that both belong to, and when a user was suspended. A lineage has the id of
 * its first credential. Credentials from before have none: their users have one lineage, and it is `null`. The index
 * finds the live credentials of a user, and the last of the others, without a look at the rest.
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
