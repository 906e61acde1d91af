import { type Selectable, sql, type Transaction } from 'kysely';
import type { ZkpAuthTables } from './schema.js';

/**
 * Lock a user's row until the transaction ends: what replaces, revokes and suspends a user's credentials and what enrols
 * their pins comes one after the other, and each statement then sees what the one before has done. In SQLite, a write
 * that comes first locks all.
 */
export async function lockUser(
  transaction: Transaction<ZkpAuthTables>,
  userId: string,
): Promise<Pick<Selectable<ZkpAuthTables['zkp_users']>, 'suspended_at_ms'> | undefined> {
  return transaction
    .updateTable('zkp_users')
    .set({ suspended_at_ms: sql.ref<number | null>('suspended_at_ms') })
    .where('user_id', '=', userId)
    .returning('suspended_at_ms')
    .executeTakeFirst();
}
