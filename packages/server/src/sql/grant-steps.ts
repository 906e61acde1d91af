import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { decideGrant } from '../stores/credential-policy.js';
import type { EnrolmentGrant, Granting } from '../stores/credential-store.js';
import { integerOf } from './integer-of.js';
import { lockUser } from './lock-user.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

/** `addGrant` of the credential store, within a transaction. */
export async function addGrantIn(
  transaction: Transaction<ZkpAuthTables>,
  grant: EnrolmentGrant,
  max: number,
): Promise<Granting> {
  const { tokenHash, userId, createdAtMs, expiresAtMs } = grant;
  const user = await lockUser(transaction, userId);
  if (user === undefined || user.suspended_at_ms !== null) return { kind: 'gone' };
  await transaction
    .deleteFrom('zkp_enrolments')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('expires_at_ms', '<=', createdAtMs)
    .execute();
  const live = await listGrantsIn(transaction, userId, createdAtMs);
  const expiries = live.map((other) => other.expiresAtMs);
  const decision = decideGrant(expiries, grant, max);
  if (decision.kind !== 'granted') return decision;
  await transaction
    .insertInto('zkp_enrolments')
    .values({
      token_hash: tokenHash,
      user_id: userId,
      created_at_ms: createdAtMs,
      expires_at_ms: expiresAtMs,
    })
    .execute();
  return decision;
}

/** `listGrants` of the credential store. */
export async function listGrantsIn(
  db: Kysely<ZkpAuthTables>,
  userId: string,
  nowMs: number,
): Promise<EnrolmentGrant[]> {
  const rows = await db
    .selectFrom('zkp_enrolments')
    .selectAll()
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('expires_at_ms', '>', nowMs)
    .orderBy('created_at_ms')
    .execute();
  return rows.map(grantOf);
}

/** Use up a grant that has not expired, or withdraw any. Gives whether there was one. */
export async function deleteGrant(
  db: Kysely<ZkpAuthTables>,
  { userId, tokenHash, unexpiredAtMs }: { userId: string; tokenHash: string; unexpiredAtMs?: number },
): Promise<boolean> {
  const deleted = await db
    .deleteFrom('zkp_enrolments')
    .where('token_hash', '=', tokenHash)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('user_id', '=', userId)
    .$if(unexpiredAtMs !== undefined, (rows) => rows.where('expires_at_ms', '>', unexpiredAtMs as number))
    .executeTakeFirst();
  return deleted.numDeletedRows === 1n;
}

function grantOf(row: Selectable<ZkpAuthTables['zkp_enrolments']>): EnrolmentGrant {
  return {
    tokenHash: row.token_hash,
    userId: row.user_id,
    createdAtMs: integerOf(row.created_at_ms),
    expiresAtMs: integerOf(row.expires_at_ms),
  };
}
