import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { maxListed } from '../stores/last-used-first.js';
import { isAnyOf } from './insert-on-postgres.js';
import { integerOf } from './integer-of.js';
import { isSqlite } from './is-sqlite.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';

/** Ends sessions, at most a hundred rows of each user at a time. */
export class SessionEndings {
  readonly #db: Kysely<ZkpAuthTables>;

  constructor(db: Kysely<ZkpAuthTables>) {
    this.#db = db;
  }

  /**
   * End the sessions of a credential. If the user has more than a hundred sessions, this ends the epoch, and keeps
   * only the sessions of other credentials among the hundred that were used last.
   */
  async ofCredential(userId: string, credentialId: string): Promise<string[]> {
    const recent = await recentSessions(this.#db, userId)
      .select(['session_id', 'credential_id'])
      .limit(maxListed + 1)
      .execute();
    const looked = recent.slice(0, maxListed);
    const isOwn = (row: { credential_id: string }): boolean => row.credential_id === credentialId;
    const own = looked.filter(isOwn).map((row) => row.session_id);
    if (recent.length <= maxListed) return own.length === 0 ? [] : this.#delete(own, userId, credentialId);
    const others = looked.filter((row) => !isOwn(row)).map((row) => row.session_id);
    await this.#nextEpoch(userId, others);
    return own;
  }

  /** End all sessions of a user by the next epoch. An excepted session moves to it. */
  all(userId: string, exceptSessionId: string | undefined): Promise<void> {
    return this.#nextEpoch(userId, exceptSessionId === undefined ? [] : [exceptSessionId]);
  }

  /** Walk the table by its key, a hundred rows in each turn of the event loop. */
  async expired(beforeMs: number): Promise<number> {
    let forgotten = 0;
    for (let after: string | undefined = ''; after !== undefined; await nextTurn()) {
      const rows = await this.#db
        .selectFrom('zkp_sessions')
        .select(['session_id', 'expires_at_ms'])
        .where('session_id', '>', after)
        .orderBy('session_id')
        .limit(maxListed)
        .execute();
      const expired = rows.filter((row) => integerOf(row.expires_at_ms) < beforeMs);
      if (expired.length > 0) {
        const result = await this.#db
          .deleteFrom('zkp_sessions')
          .where(
            'session_id',
            'in',
            expired.map((row) => row.session_id),
          )
          .where('expires_at_ms', '<', beforeMs)
          .executeTakeFirst();
        forgotten += Number(result.numDeletedRows);
      }
      after = rows.length < maxListed ? undefined : rows.at(-1)?.session_id;
    }
    return forgotten;
  }

  async #delete(sessionIds: readonly string[], userId: string, credentialId: string): Promise<string[]> {
    const ended = await this.#db
      .deleteFrom('zkp_sessions')
      .where('session_id', 'in', sessionIds)
      .where('credential_id', '=', credentialId)
      .where('epoch', '=', (of) => epochOf(of, userId))
      .returning('session_id')
      .execute();
    return ended.map((row) => row.session_id);
  }

  /** Increment the epoch. Kept sessions move to the new epoch, and some rows of past epochs are deleted. */
  async #nextEpoch(userId: string, kept: readonly string[]): Promise<void> {
    if (isSqlite(this.#db)) await countOn(this.#db, userId, JSON.stringify(kept));
    // If the stores were given the application's transaction, the change is part of it.
    else if (this.#db.isTransaction) await moveToNextEpoch(this.#db, userId, kept);
    else await this.#db.transaction().execute((db) => moveToNextEpoch(db, userId, kept));
  }
}

/** The live sessions of a user, last used first. An index has them in this order. */
export function recentSessions(
  db: Kysely<ZkpAuthTables>,
  userId: string,
): SelectQueryBuilder<ZkpAuthTables, 'zkp_sessions', object> {
  return db
    .selectFrom('zkp_sessions')
    .where('zkp_sessions.user_id', '=', userId)
    .where('zkp_sessions.tenant', '=', sql.lit(defaultTenant))
    .where('zkp_sessions.epoch', '=', (of) => epochOf(of, userId))
    .orderBy('zkp_sessions.last_used_at_ms', 'desc');
}

function epochOf(
  of: Pick<ExpressionBuilder<ZkpAuthTables, 'zkp_sessions'>, 'selectFrom'>,
  userId: string,
): SelectQueryBuilder<ZkpAuthTables, 'zkp_sessions' | 'zkp_session_epochs', { epoch: number }> {
  return of
    .selectFrom('zkp_session_epochs')
    .select('zkp_session_epochs.epoch')
    .where('zkp_session_epochs.user_id', '=', userId)
    .$castTo<{ epoch: number }>();
}

/** Increment the epoch. In SQLite a trigger then moves the kept sessions. */
async function countOn(
  db: Kysely<ZkpAuthTables>,
  userId: string,
  kept: string | undefined,
): Promise<number | null> {
  const changed = await db
    .updateTable('zkp_session_epochs')
    .set({
      epoch: sql<number>`${sql.ref('epoch')} + 1`,
      changes: sql<number>`${sql.ref('changes')} + 1`,
      kept_session_id: null,
      ...(kept === undefined ? {} : { kept }),
    })
    .where('user_id', '=', userId)
    .returning('epoch')
    .executeTakeFirst();
  return changed === undefined ? null : integerOf(changed.epoch);
}

async function moveToNextEpoch(
  db: Kysely<ZkpAuthTables>,
  userId: string,
  kept: readonly string[],
): Promise<void> {
  const epoch = await countOn(db, userId, undefined);
  if (epoch === null) return;
  if (kept.length > 0) {
    await db
      .updateTable('zkp_sessions')
      .set({ epoch })
      .where('session_id', 'in', kept)
      .where('user_id', '=', userId)
      .where('epoch', '=', epoch - 1)
      .execute();
  }
  const past = db
    .selectFrom('zkp_sessions')
    .select('session_id')
    .where('user_id', '=', userId)
    .where('tenant', '=', sql.lit(defaultTenant))
    .where('epoch', '<', epoch)
    .limit(maxListed - kept.length);
  await db.deleteFrom('zkp_sessions').where(isAnyOf(past)).execute();
}
