import { type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { ListedUser, UserPage } from '../stores/user-erasure.js';
import { integerOf } from './integer-of.js';
import { millisecondsOf } from './milliseconds.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

/** `listUsers` of the credential store. The key has the users in order, and an index the live credentials of each. */
export async function listUsersIn(
  db: Kysely<ZkpAuthTables>,
  { after, limit, nowMs }: UserPage,
): Promise<ListedUser[]> {
  const rows = await db
    .selectFrom('zkp_users')
    .select(['user_id', 'created_at_ms', 'suspended_at_ms'])
    .select((of) => [
      liveOf(of, nowMs)
        .select((live) => live.fn.countAll<number | string | bigint>().as('live'))
        .as('live'),
      liveOf(of, nowMs)
        .select((live) => live.fn.max('last_used_at_ms').as('last_used_at_ms'))
        .as('last_used_at_ms'),
    ])
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('erasing_at_ms', 'is', null)
    .$if(after !== undefined, (users) => users.where('user_id', '>', after as string))
    .orderBy('user_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    userId: row.user_id,
    createdAtMs: integerOf(row.created_at_ms),
    lastUsedAtMs: millisecondsOf(row.last_used_at_ms),
    liveCredentials: integerOf(row.live ?? 0),
    suspendedAtMs: millisecondsOf(row.suspended_at_ms),
  }));
}

function liveOf(
  of: ExpressionBuilder<ZkpAuthTables, 'zkp_users'>,
  nowMs: number,
): SelectQueryBuilder<ZkpAuthTables, 'zkp_users' | 'zkp_credentials', object> {
  return of
    .selectFrom('zkp_credentials')
    .whereRef('zkp_credentials.user_id', '=', 'zkp_users.user_id')
    .where('zkp_credentials.tenant', '=', sql.lit(defaultTenant))
    .where('revoked_at_ms', 'is', null)
    .where((its) => its.or([its('pending_until_ms', 'is', null), its('pending_until_ms', '<=', nowMs)]));
}
