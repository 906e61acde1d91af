import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { isActing } from '../stores/credential-policy.js';
import {
  erasedAtOnce,
  erasedCredentialHash,
  type ErasureRequest,
  type ErasureStart,
  isReservedAt,
  laterEnd,
  type ReservedName,
} from '../stores/user-erasure.js';
import { erasePinsIn } from './erase-pins.js';
import { liveOf } from './live-credentials.js';
import { lockUser } from './lock-user.js';
import { millisecondsOf } from './milliseconds.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

type Step = Transaction<ZkpAuthTables>;

/** `beginErasure` of the credential store, within a transaction. */
export async function beginErasureIn(transaction: Step, request: ErasureRequest): Promise<ErasureStart> {
  const { userId, atMs, reserved, by } = request;
  const user = await lockUser(transaction, userId);
  if (user === undefined)
    return (await isReserved(transaction, [reserved.nameHash], atMs)) ? 'erased' : 'unknown';
  if (by !== null) {
    const isRefused = user.suspended_at_ms !== null || !isActing(await liveOf(transaction, userId), by, atMs);
    if (isRefused) return 'gone';
  }
  await reserve(transaction, reserved);
  if (user.erasing_at_ms !== null) return 'erasing';
  await transaction
    .updateTable('zkp_users')
    .set({ erasing_at_ms: atMs, suspended_at_ms: millisecondsOf(user.suspended_at_ms) ?? atMs })
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .execute();
  return 'begun';
}

/** `eraseCredentials` of the credential store, within a transaction. */
export async function eraseCredentialsIn(transaction: Step, userId: string): Promise<string[] | null> {
  const user = await lockUser(transaction, userId);
  if (user === undefined || user.erasing_at_ms === null) return null;
  await transaction
    .deleteFrom('zkp_enrolments')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .execute();
  // The server may have been started without PIN assistance, and then has no store of pins.
  const pins = await erasePinsIn(transaction, userId);
  const rows = await transaction
    .selectFrom('zkp_credentials')
    .select('credential_id')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .limit(erasedAtOnce)
    .execute();
  const credentialIds = rows.map((row) => row.credential_id);
  if (credentialIds.length === 0) return pins.length === 0 ? null : [];
  await transaction
    .insertInto('zkp_erased_credentials')
    .values(credentialIds.map((id) => ({ credential_hash: erasedCredentialHash(id) })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await transaction.deleteFrom('zkp_credentials').where('credential_id', 'in', credentialIds).execute();
  return credentialIds;
}

/** `finishErasure` of the credential store, within a transaction. */
export async function finishErasureIn(transaction: Step, userId: string, nowMs: number): Promise<boolean> {
  const result = await transaction
    .deleteFrom('zkp_users')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('erasing_at_ms', 'is not', null)
    .executeTakeFirst();
  const ended = await transaction
    .selectFrom('zkp_reserved_names')
    .select('name_hash')
    .where('until_ms', 'is not', null)
    .where('until_ms', '<=', nowMs)
    .orderBy('until_ms')
    .limit(erasedAtOnce)
    .execute();
  const nameHashes = ended.map((row) => row.name_hash);
  if (nameHashes.length > 0) {
    await transaction
      .deleteFrom('zkp_reserved_names')
      .where('name_hash', 'in', nameHashes)
      .where('until_ms', '<=', nowMs)
      .execute();
  }
  return result.numDeletedRows === 1n;
}

/** Whether one of these hashes stands for a name that is reserved. */
export async function isReserved(
  db: Kysely<ZkpAuthTables>,
  nameHashes: readonly string[],
  atMs: number,
): Promise<boolean> {
  if (nameHashes.length === 0) return false;
  const rows = await db
    .selectFrom('zkp_reserved_names')
    .select('until_ms')
    .where('name_hash', 'in', nameHashes)
    .where('tenant', '=', sql.lit(defaultTenant))
    .execute();
  return rows.some((row) => isReservedAt(millisecondsOf(row.until_ms), atMs));
}

/**
 * Whether a credential was erased with its user. A transaction that has just inserted the credential, or has the lock
 * on its user, gets the final answer.
 */
export async function isErased(db: Kysely<ZkpAuthTables>, credentialId: string): Promise<boolean> {
  return (await erasedCredential(db, credentialId).executeTakeFirst()) !== undefined;
}

/** The row that stands for an erased credential. */
export function erasedCredential(
  db: Kysely<ZkpAuthTables>,
  credentialId: string,
): SelectQueryBuilder<ZkpAuthTables, 'zkp_erased_credentials', { id: string }> {
  return db
    .selectFrom('zkp_erased_credentials')
    .select('credential_hash as id')
    .where('credential_hash', '=', erasedCredentialHash(credentialId))
    .where('tenant', '=', sql.lit(defaultTenant));
}

async function reserve(transaction: Step, { nameHash, untilMs }: ReservedName): Promise<void> {
  const before = await transaction
    .selectFrom('zkp_reserved_names')
    .select('until_ms')
    .where('name_hash', '=', nameHash)
    .where('tenant', '=', sql.lit(defaultTenant))
    .executeTakeFirst();
  const ends = before === undefined ? untilMs : laterEnd(millisecondsOf(before.until_ms), untilMs);
  await transaction
    .insertInto('zkp_reserved_names')
    .values({ name_hash: nameHash, until_ms: ends })
    .onConflict((conflict) => conflict.columns(['name_hash', 'tenant']).doUpdateSet({ until_ms: ends }))
    .execute();
}
