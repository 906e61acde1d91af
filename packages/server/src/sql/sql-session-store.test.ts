import Database from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import type { StoredSession } from '../stores/session-store.js';
import { testSessionStore } from '../testing/index.js';
import { dayMs, newSession, newSpending, startMs } from '../testing/sample-session.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import type { ZkpAuthTables } from './schema.js';
import { SqlSessionStore } from './sql-session-store.js';

const sqlite = createSqliteFolder();
const open = (file: string) => sqlite.open<ZkpAuthTables>(file);
let files = 0;
const ofAlice = (change: Partial<StoredSession> = {}) =>
  newSession({ userId: 'alice', deviceName: 'Phone', ...change });

afterAll(() => sqlite.remove());

describe('SqlSessionStore on SQLite, two connections', () => {
  const connections = [open('contract.db'), open('contract.db')];
  testSessionStore(it, async () => {
    await migrateSqlStores(connections[0]!);
    return connections.map((db) => new SqlSessionStore(db));
  });
});

describe('SqlSessionStore', () => {
  let file: string;
  let db: Kysely<ZkpAuthTables>;
  let store: SqlSessionStore;
  beforeEach(async () => {
    file = `${files++}.db`;
    db = open(file);
    await migrateSqlStores(db);
    store = new SqlSessionStore(db);
  });

  describe('looks sessions up together', () => {
    const statements: string[] = [];
    let counted: SqlSessionStore;
    let logged: Kysely<ZkpAuthTables>;
    beforeEach(() => {
      const database = new Database(sqlite.path(file));
      const dialect = new SqliteDialect({ database });
      logged = new Kysely<ZkpAuthTables>({ dialect, log: ({ query }) => void statements.push(query.sql) });
      counted = new SqlSessionStore(logged);
      statements.length = 0;
      return () => logged.destroy();
    });

    it('by one statement for each 32 that are asked for in one turn, each with its own answer', async () => {
      const sessions = Array.from({ length: 40 }, (_, n) => newSession({ userId: `user-${n}` }));
      for (const session of sessions) await store.create(session);
      const asked = [...sessions, sessions[0]!, newSession({})];
      const found = await Promise.all(asked.map(({ sessionId }) => counted.findLive(sessionId)));
      expect(found.at(-1)).toBeNull();
      expect(found.slice(0, -1).map((session) => [session?.sessionId, session?.userId])).toEqual(
        asked.slice(0, -1).map(({ sessionId, userId }) => [sessionId, userId]),
      );
      expect(statements).toHaveLength(2);
    });

    it('and sees all that has ended before any of them was asked for, and what ends while they wait', async () => {
      const [first, second, third] = [ofAlice(), ofAlice(), ofAlice()];
      for (const session of [first, second, third]) await store.create(session);
      const early = counted.findLive(second.sessionId);
      await store.end(first.sessionId);
      const late = counted.findLive(first.sessionId);
      await store.endAll('alice', third.sessionId);
      const last = counted.findLive(third.sessionId);
      expect([await late, (await last)?.sessionId]).toEqual([null, third.sessionId]);
      await early;
      expect(await counted.findLive(second.sessionId)).toBeNull();
    });

    it('and passes the fault of a database on to each of them, and to no later one', async () => {
      const session = ofAlice();
      await store.create(session);
      await sql`alter table zkp_sessions rename to elsewhere`.execute(db);
      const asked = [session, session, ofAlice()].map(({ sessionId }) => counted.findLive(sessionId));
      for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
      await sql`alter table elsewhere rename to zkp_sessions`.execute(db);
      expect(await counted.findLive(session.sessionId)).toMatchObject({ userId: 'alice' });
    });

    it('and a row that cannot be a session is the fault of its own request alone', async () => {
      const [good, bad] = [ofAlice(), ofAlice()];
      for (const session of [good, bad]) await store.create(session);
      await sql`update zkp_sessions set expires_at_ms = 'soon' where session_id = ${bad.sessionId}`.execute(
        db,
      );
      const asked = [good, bad].map(({ sessionId }) => counted.findLive(sessionId));
      expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
      ]);
    });
  });

  it('a login, a request and the spending of a token wait for one statement each', async () => {
    const statements: string[] = [];
    const logged = new Kysely<ZkpAuthTables>({
      dialect: new SqliteDialect({ database: new Database(sqlite.path(file)) }),
      log: ({ query }) => void statements.push(query.sql),
    });
    const counted = new SqlSessionStore(logged);
    await store.create(ofAlice());
    const session = ofAlice();
    await counted.create(session);
    expect(statements.splice(0)).toEqual([expect.stringMatching(/^insert into "zkp_sessions" /)]);
    await counted.find(session.sessionId);
    expect(statements.splice(0)).toEqual([expect.stringMatching(/^select \* from "zkp_sessions" /)]);
    await counted.findLive(session.sessionId);
    expect(statements.splice(0)).toEqual([expect.stringMatching(/^select "session_id", /)]);
    await counted.spend(session.sessionId, newSpending(session.refreshHash));
    expect(statements.splice(0)).toEqual([expect.stringMatching(/^update "zkp_sessions" /)]);
    await counted.endAll('alice', session.sessionId);
    expect(statements.splice(0)).toEqual([expect.stringMatching(/^update "zkp_session_epochs" /)]);
    await logged.destroy();
  });

  it('of sessions that begin at once, one that cannot be bound fails alone', async () => {
    const [one, other] = [ofAlice(), ofAlice()];
    const unbindable = ofAlice({ deviceName: { name: 'Phone' } as never });
    const outcomes = await Promise.allSettled(
      [one, unbindable, other].map((session) => store.create(session)),
    );
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(TypeError) },
      { status: 'fulfilled' },
    ]);
    expect(await store.list('alice')).toHaveLength(2);
  });

  it('what all of them fail by, such as a locked database, is waited for once, and then each has failed', async () => {
    const statements: string[] = [];
    const impatient = new Kysely<ZkpAuthTables>({
      dialect: new SqliteDialect({ database: new Database(sqlite.path(file), { timeout: 0 }) }),
      log: ({ query }) => void statements.push(query.sql),
    });
    const locked = new SqlSessionStore(impatient);
    await store.create(ofAlice());
    await sql`begin exclusive`.execute(db);
    const sessions = Array.from({ length: 10 }, () => ofAlice());
    const busy = expect.objectContaining({ code: 'SQLITE_BUSY' });
    for (const some of [sessions, sessions.slice(0, 1)]) {
      const outcomes = await Promise.allSettled(some.map((session) => locked.create(session)));
      expect(outcomes).toEqual(some.map(() => ({ status: 'rejected', reason: busy })));
      expect(statements.splice(0)).toHaveLength(1);
    }
    await sql`commit`.execute(db);
    for (const { sessionId } of sessions) expect(await store.find(sessionId)).toBeNull();
    for (const session of sessions) await locked.create(session);
    await impatient.destroy();
  });

  it('sessions and their ends survive the process', async () => {
    const [kept, ended] = [ofAlice(), ofAlice()];
    for (const session of [kept, ended]) await store.create(session);
    await store.endAll('alice', kept.sessionId);
    await db.destroy();
    const restarted = new SqlSessionStore(open(file));
    expect(await restarted.list('alice')).toEqual([kept]);
    expect(await restarted.find(ended.sessionId)).toBeNull();
  });

  it.each([
    ['user_id', 'mallory'],
    ['credential_id', ''],
    ['session_key', 'AAAA'],
    ['refresh_hash', 'AAAA'],
    ['spent_tokens', 'AAAA'],
    ['spent_tokens', `${'='.repeat(43)}0000000000000001`],
    ['spent_tokens', `${'A'.repeat(43)}soon............`],
    ['created_at_ms', 'x'],
    ['last_used_at_ms', 0.5],
    ['expires_at_ms', -1],
    ['ends_at_ms', 'never'],
  ])('a damaged %s (%s) is an error, never a live session', async (column, value) => {
    const session = ofAlice();
    await store.create(ofAlice({ userId: 'mallory' }));
    await store.create(session);
    await store.endAll('mallory');
    const { epoch } = await db
      .selectFrom('zkp_session_epochs')
      .select('epoch')
      .where('user_id', '=', 'alice')
      .executeTakeFirstOrThrow();
    await db
      .updateTable('zkp_session_epochs')
      .set({ epoch: Number(epoch) })
      .execute();
    await db
      .updateTable('zkp_sessions')
      .set({ [column]: value })
      .execute();
    await expect(store.find(session.sessionId)).rejects.toThrow(/damaged/);
    if (['credential_id', 'session_key', 'expires_at_ms'].includes(column)) {
      await expect(store.findLive(session.sessionId)).rejects.toThrow(/damaged/);
    } else {
      const { userId } = column === 'user_id' ? { userId: value } : session;
      expect(await store.findLive(session.sessionId)).toMatchObject({ userId });
    }
    // The user in this row differs from the user in the session's id, and the list of the row's user reads it.
    const lists = Promise.all([store.list('alice'), store.list('mallory')]);
    await expect(lists).rejects.toThrow(/damaged/);
    await expect(store.spend(session.sessionId, newSpending(ofAlice().refreshHash))).rejects.toThrow(
      /damaged/,
    );
    expect(await store.end(session.sessionId)).toBe(true);
    expect(await store.find(session.sessionId)).toBeNull();
  });

  it('a user whose epoch is lost loses the sessions with it, and no later login revives them', async () => {
    const session = ofAlice();
    await store.create(session);
    await db.deleteFrom('zkp_session_epochs').execute();
    expect(await store.find(session.sessionId)).toBeNull();
    expect((await store.spend(session.sessionId, newSpending(session.refreshHash))).kind).toBe('gone');
    const next = ofAlice();
    await store.create(next);
    for (let ends = 0; ends < 3; ends++) {
      expect(await store.list('alice')).toEqual([next]);
      await store.endAll('alice', next.sessionId);
    }
    expect(await store.find(session.sessionId)).toBeNull();
  });

  it('a session that finds no epoch even after one was made is an error, and no session', async () => {
    await sql`create trigger lost after insert on zkp_session_epochs begin delete from zkp_session_epochs; end`.execute(
      db,
    );
    const session = ofAlice();
    await expect(store.create(session)).rejects.toThrow(/epoch of a user vanished/);
    expect(await store.find(session.sessionId)).toBeNull();
  });

  it('forgets what has expired, ended sessions included, and tells how many', async () => {
    const expiring = (expiresAtMs: number) => ofAlice({ expiresAtMs });
    const [old, ended, live] = [expiring(startMs), expiring(startMs), expiring(startMs + 1)];
    await store.create(ended);
    await store.endAll('alice');
    expect(await db.selectFrom('zkp_sessions').select('session_id').execute()).toEqual([]);
    for (const session of [old, live]) await store.create(session);
    expect(await store.forgetExpired(startMs)).toBe(0);
    expect(await store.forgetExpired(startMs + 1)).toBe(1);
    expect(await store.list('alice')).toEqual([live]);
    expect(await db.selectFrom('zkp_sessions').select('session_id').execute()).toHaveLength(1);
    expect(await store.forgetExpired(startMs + dayMs)).toBe(1);
  });
});
