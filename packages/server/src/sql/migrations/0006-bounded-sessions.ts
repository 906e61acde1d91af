import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addMissingColumn } from '../add-missing-column.js';
import { isSqlite } from '../is-sqlite.js';
import type { ZkpAuthTables } from '../schema.js';

/**
 * An index that lists a user's sessions in the order of their use, so that a statement can read a hundred of any
 * number. SQLite has no statement that changes rows of two tables, or that inserts some rows and deletes others.
 * There a row names the sessions that a new session displaces, or that move to the next epoch, and a trigger does the
 * rest.
 */
export const boundedSessions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await addMissingColumn(db, {
      table: 'zkp_session_epochs',
      column: 'changes',
      type: 'bigint',
      define: (added) => added.notNull().defaultTo(0),
    });
    await moveKeptSessions(db);
    await db.schema
      .createIndex('zkp_sessions_by_use')
      .ifNotExists()
      .on('zkp_sessions')
      .columns(['user_id', 'epoch', 'last_used_at_ms'])
      .execute();
    if (!isSqlite(db)) {
      await db.schema.dropIndex('zkp_sessions_by_user').ifExists().execute();
      return;
    }
    await addMissingColumn(db, { table: 'zkp_sessions', column: 'displaced', type: 'text' });
    await addMissingColumn(db, { table: 'zkp_session_epochs', column: 'kept', type: 'text' });
    // At most two sessions. Each is named by the 43 characters of its id and the 22 characters of its credential's
    // id.
    await sql`
      create trigger if not exists zkp_sessions_displace
      after insert on zkp_sessions when new.displaced is not null
      begin
        delete from zkp_sessions where session_id = substr(new.displaced, 1, 43);
        delete from zkp_sessions where session_id = substr(new.displaced, 66, 43);
      end`.execute(db);
    // A `+` before a column keeps SQLite from using an index for it. The index by use would give all sessions of the
    // user.
    await sql`
      create trigger if not exists zkp_sessions_end_all
      after update of epoch on zkp_session_epochs when new.epoch > old.epoch
      begin
        update zkp_sessions set epoch = new.epoch
        where session_id in (select value from json_each(coalesce(new.kept, '[]')) union all select new.kept_session_id)
          and +user_id = new.user_id and +epoch = old.epoch;
        delete from zkp_sessions where session_id in (
          select session_id from zkp_sessions where user_id = new.user_id and epoch < new.epoch
          limit max(0, 100 - json_array_length(coalesce(new.kept, '[]')))
        );
      end`.execute(db);
  },
};

/**
 * Earlier releases recorded the session that an ended epoch excepted. Move that session to the present epoch, as this
 * release does.
 */
async function moveKeptSessions(db: Kysely<ZkpAuthTables>): Promise<void> {
  const isKept = db
    .selectFrom('zkp_session_epochs')
    .select('kept_session_id')
    .where('kept_session_id', 'is not', null);
  await db
    .updateTable('zkp_sessions')
    .set((session) => ({
      epoch: session
        .selectFrom('zkp_session_epochs')
        .select('zkp_session_epochs.epoch')
        .whereRef('zkp_session_epochs.user_id', '=', 'zkp_sessions.user_id')
        .$castTo<number>(),
    }))
    .where('session_id', 'in', isKept.$castTo<{ kept_session_id: string }>())
    .execute();
  await db
    .updateTable('zkp_session_epochs')
    .set({ kept_session_id: null })
    .where('kept_session_id', 'is not', null)
    .execute();
}
