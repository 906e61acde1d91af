import { type Kysely, sql } from 'kysely';
import { erasedAtOnce } from '../stores/user-erasure.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

/** Delete some pins of a user, retired ones included. Gives their hashes. */
export async function erasePinsIn(db: Kysely<ZkpAuthTables>, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('zkp_pins')
    .select('pin_hash')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .limit(erasedAtOnce)
    .execute();
  const pinHashes = rows.map((row) => row.pin_hash);
  if (pinHashes.length === 0) return [];
  await db.deleteFrom('zkp_pins').where('pin_hash', 'in', pinHashes).execute();
  return pinHashes;
}
