import { type Kysely, sql } from 'kysely';
import { freshEpoch } from '../stores/fresh-epoch.js';
import { maxListed } from '../stores/last-used-first.js';
import type { StoredSession } from '../stores/session-store.js';
import { isSqlite } from './is-sqlite.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';
import { erasedCredential, isErased } from './user-erasure.js';

/** `erase` of the session store. Without the epoch, no session of the user is live. */
export async function eraseSessionsIn(db: Kysely<ZkpAuthTables>, userId: string): Promise<boolean> {
  await withEpochLock(db, userId, async (locked) => {
    await locked.deleteFrom('zkp_session_epochs').where('user_id', '=', userId).execute();
  });
  const rows = await db
    .selectFrom('zkp_sessions')
    .select('session_id')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .limit(maxListed)
    .execute();
  const sessionIds = rows.map((row) => row.session_id);
  if (sessionIds.length > 0)
    await db.deleteFrom('zkp_sessions').where('session_id', 'in', sessionIds).execute();
  return rows.length === maxListed;
}

/**
 * Give a user an epoch, for a first session, unless there is one. If the session's credential was erased with its
 * user, nothing is written, because no row may name that user any more.
 *
 * @returns whether the user may have an epoch.
 */
export async function beginEpoch(
  db: Kysely<ZkpAuthTables>,
  { userId, credentialId }: Pick<StoredSession, 'userId' | 'credentialId'>,
): Promise<boolean> {
  let isAllowed = true;
  await withEpochLock(db, userId, async (locked) => {
    isAllowed = !(await isErased(locked, credentialId));
    if (isAllowed) await insertEpoch(locked, userId, credentialId);
  });
  return isAllowed;
}

/** In SQLite the condition is a part of the statement, before which another process may have erased the user. */
async function insertEpoch(db: Kysely<ZkpAuthTables>, userId: string, credentialId: string): Promise<void> {
  await db
    .insertInto('zkp_session_epochs')
    .columns(['user_id', 'epoch', 'changes'])
    .expression(
      db
        .selectNoFrom([
          sql<string>`cast(${userId} as text)`.as('user_id'),
          sql<number>`cast(${freshEpoch()} as bigint)`.as('epoch'),
          sql<number>`cast(0 as bigint)`.as('changes'),
        ])
        .where((its) => its.not(its.exists(erasedCredential(db, credentialId)))),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Make an erasure and the beginnings of epochs of one user run one after another on PostgreSQL, where a statement sees
 * the table as it was when the statement began. On SQLite, statements that write run one after another anyway.
 */
async function withEpochLock(
  db: Kysely<ZkpAuthTables>,
  userId: string,
  run: (db: Kysely<ZkpAuthTables>) => Promise<void>,
): Promise<void> {
  if (isSqlite(db)) return run(db);
  const locked = async (transaction: Kysely<ZkpAuthTables>): Promise<void> => {
    const name = `zkp_session_epochs ${userId}`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction);
    await run(transaction);
  };
  // If the stores were given the application's transaction, the change is part of it.
  await (db.isTransaction ? locked(db) : db.transaction().execute(locked));
}
