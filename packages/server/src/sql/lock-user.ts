import { type Selectable, sql, type Transaction } from 'kysely';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

/**
 * Lock a user's row until the transaction ends. Transactions that lock the same user run one after another, and each
 * statement sees the changes of the transaction before. In SQLite, a transaction that begins with a write locks the
 * whole database.
 */
export async function lockUser(
  transaction: Transaction<ZkpAuthTables>,
  userId: string,
): Promise<Pick<Selectable<ZkpAuthTables['zkp_users']>, 'suspended_at_ms' | 'erasing_at_ms'> | undefined> {
  return transaction
    .updateTable('zkp_users')
    .set({ suspended_at_ms: sql.ref<number | null>('suspended_at_ms') })
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .returning(['suspended_at_ms', 'erasing_at_ms'])
    .executeTakeFirst();
}
