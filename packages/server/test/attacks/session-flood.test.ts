import type { Redis } from 'ioredis';
import Database from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStore, StoredSession } from '../../src/index.js';
import { RedisSessionStore } from '../../src/redis/index.js';
import { formatSession } from '../../src/redis/session-text.js';
import { sessionTag } from '../../src/sessions/session-id.js';
import { migrateSqlStores, SqlSessionStore } from '../../src/sql/index.js';
import { newSession, newSpending, randomText, startMs } from '../../src/testing/sample-session.js';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import {
  postgresRows,
  redisCommands,
  sqlitePlan,
  sqliteTriggerPlans,
  Statements,
  unboundedSteps,
} from '../rows-touched.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { newSessionKey, TestBrowser } from '../test-browser.js';
import { startSessionServer } from '../session-server.js';

/** The long form fills the tables with as many rows as the attacker made. */
const many = process.env['LONG'] === 'all' ? 1_000_000 : 20_000;
const manyFields = process.env['LONG'] === 'all' ? 500_000 : 3_000;
/** A call reads a hundred sessions, and the rows of the user's epoch. */
const mostRows = 110;

const userId = 'mallory';
const credentialId = randomText(16);
const own = (change: Partial<StoredSession> = {}) => newSession({ userId, credentialId, ...change });

/** Every call of a store, on the session that was used last. The order leaves something to do for each. */
const calls: [string, (store: SessionStore, session: StoredSession) => Promise<unknown>][] = [
  ['find', (store, { sessionId }) => store.find(sessionId)],
  ['spend', (store, { sessionId, refreshHash }) => store.spend(sessionId, newSpending(refreshHash))],
  ['moveTo', (store, session) => store.moveTo(session.sessionId, session.credentialId)],
  ['list', (store) => store.list(userId)],
  ['create', (store) => store.create(own({ lastUsedAtMs: startMs + 10_000 }), 50)],
  ['end', (store, { sessionId }) => store.end(sessionId)],
  ['endOfCredential of another one', (store) => store.endOfCredential(userId, randomText(16))],
  ['endOfCredential', (store) => store.endOfCredential(userId, credentialId)],
  ['endAll', (store, { sessionId }) => store.endAll(userId, sessionId)],
];

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redisServer: RedisServer;
let every: EveryStore;
beforeAll(async () => {
  [postgres, redisServer, every] = await Promise.all([startPostgres(), startRedis(), startEveryStore()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), redisServer.stop(), every.stop()]);
  await sqlite.remove();
});

/** Rows of an earlier release, one of a live session, and many like it. */
async function fill(db: Kysely<unknown>, session: StoredSession, isLive: boolean): Promise<void> {
  const store = new SqlSessionStore(db);
  await store.create(session);
  const [head, tail] = [session.sessionId.slice(0, 23), session.sessionId.slice(-12)];
  await sql`
    insert into zkp_sessions (session_id, user_id, credential_id, session_key, device_name, created_at_ms,
      last_used_at_ms, expires_at_ms, ends_at_ms, refresh_hash, spent_tokens, epoch)
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(many)})
    select ${head} || substr(cast(10000000 + n as text), 1, 8) || ${tail}, user_id, credential_id, session_key,
      device_name, created_at_ms, last_used_at_ms - n, expires_at_ms, ends_at_ms, refresh_hash, spent_tokens,
      epoch - ${sql.lit(isLive ? 0 : 1)}
    from numbers, (select * from zkp_sessions where session_id = ${session.sessionId}) as one`.execute(db);
}

describe.each([
  ['live', true],
  ['of past epochs', false],
])('a million sessions of one user, %s, in SQL', (_, isLive) => {
  it('are no work for SQLite: each statement finds its rows by a key or an index', async () => {
    const name = `flood-${isLive}.db`;
    const db = sqlite.open<unknown>(name);
    await migrateSqlStores(db);
    const statements = new Statements();
    const logged = new Kysely<unknown>({
      dialect: new SqliteDialect({ database: new Database(sqlite.path(name)) }),
      log: statements.log,
    });
    const store = new SqlSessionStore(logged);
    const session = own({ lastUsedAtMs: startMs + 1 });
    await fill(db, session, isLive);
    const changes = async () =>
      (await sql<{ n: number }>`select total_changes() as n`.execute(logged)).rows[0]!.n;
    for (const [call, run] of calls) {
      const before = await changes();
      const sent = await statements.during(() => run(store, session));
      expect((await changes()) - before, call).toBeLessThanOrEqual(2 * mostRows);
      expect(sent.length, call).toBeLessThanOrEqual(4);
      for (const statement of sent)
        expect(unboundedSteps(await sqlitePlan(db, statement)), `${call}: ${statement.sql}`).toEqual([]);
    }
    const triggers = Object.entries(await sqliteTriggerPlans(db, 'zkp_session_epochs'));
    expect(triggers).toHaveLength(2);
    for (const [text, [step]] of triggers)
      expect(step, text).toMatch(/^SEARCH zkp_sessions USING .*\(session_id=\?\)/);
    expect(await store.list(userId)).toEqual([]);
    // The other rows are deleted as they expire, a hundred in each turn of the event loop.
    const left = (await sql`select 1 from zkp_sessions`.execute(db)).rows.length;
    const sent = await statements.during(async () => {
      expect(await store.forgetExpired(session.expiresAtMs + 1)).toBe(left);
    });
    expect(sent.length).toBeGreaterThan(left / 100);
    for (const statement of sent.slice(0, 2))
      expect(unboundedSteps(await sqlitePlan(db, statement)), statement.sql).toEqual([]);
    await logged.destroy();
  }, 120_000);

  it('are no work for PostgreSQL: no call reads, moves and deletes more than a hundred rows each', async () => {
    const name = `flood_${isLive}`;
    const db = await postgres.open<unknown>(name);
    await migrateSqlStores(db);
    const session = own({ lastUsedAtMs: startMs + 1 });
    await fill(db, session, isLive);
    await sql`analyze zkp_sessions, zkp_session_epochs`.execute(db);
    for (const [call, run] of calls) {
      const rows = await db
        .transaction()
        .execute((transaction) =>
          postgresRows(transaction, () => run(new SqlSessionStore(transaction), session)),
        );
      // A deleted row was read for the deletion, and looked up before. Ending a credential's sessions takes two
      // such steps.
      expect(rows, call).toBeLessThanOrEqual((call === 'endOfCredential' ? 6 : 3) * mostRows);
    }
    expect(await new SqlSessionStore(db).list(userId)).toEqual([]);
  }, 120_000);
});

describe.each([
  ['live', true],
  ['of past epochs', false],
])('half a million sessions of one user, %s, in one hash of Redis', (_, isLive) => {
  async function fillHash(redis: Redis, key: string, session: StoredSession): Promise<void> {
    const epoch = Number(await redis.hget(key, 'epoch')) - Number(!isLive);
    const value = `${epoch} ${formatSession(session)}`;
    for (let n = 0; n < manyFields; n += 1_000) {
      const fields = Array.from({ length: 1_000 }, (_, k) => {
        const random = Buffer.alloc(16);
        random.writeUInt32BE(n + k + 1);
        const tag = Buffer.from(sessionTag(userId), 'hex');
        return [Buffer.concat([tag, random]).toString('base64url'), value];
      });
      await redis.hset(key, ...fields.flat());
    }
  }

  it('are no work: no script reads the whole hash, or runs more than some hundred commands', async () => {
    const redis = redisServer.connect();
    const prefix = `flood-${isLive}:`;
    const store = new RedisSessionStore(redis, { prefix });
    const session = own({ lastUsedAtMs: startMs + 1 });
    await store.create(session);
    const key = `${prefix}{${sessionTag(userId)}}`;
    await fillHash(redis, key, session);
    for (const [call, run] of calls) {
      const counted = await redisCommands(redis, () => run(store, session));
      const { hgetall = 0, hkeys = 0, hvals = 0, hscan = 0, ...others } = counted;
      const size = await redis.hlen(key);
      if (size > 101) expect(hgetall + hkeys + hvals + hscan, call).toBe(0);
      const sum = Object.values(others).reduce((all, calls) => all + calls, 0);
      expect(sum, `${call}: ${JSON.stringify(counted)}`).toBeLessThanOrEqual(4 * mostRows);
    }
    // Nothing of the credential can be used any more, though most of its rows were never read.
    expect(await store.list(userId)).toEqual([]);
    expect(await redis.hlen(key)).toBeLessThanOrEqual(mostRows);
  }, 120_000);
});

describe.each(storeNames)('with sessions in %s', (name) => {
  it('a thousand logins leave fifty sessions, and tell of each that ended', async () => {
    const { stores, db } = await every.open(name);
    const server = await startSessionServer({ stores });
    const { sessions } = stores;
    const browser = await server.signIn();
    const stored = (await sessions.find(browser.current.sessionId))!;
    const { credentialId } = stored;
    const logins = process.env['LONG'] === 'all' ? 1_000 : 60;
    for (let n = 0; n < logins; n++) {
      server.clock.nowMs += 1_000;
      const again = new TestBrowser(server.auth, await newSessionKey());
      await again.login('alice', server.alice.keys);
    }
    expect(await server.auth.listSessions('alice')).toHaveLength(50);
    const limited = server.types().filter((type) => type === 'session_ended:limit');
    expect(limited).toHaveLength(logins - 49);
    expect(await server.auth.verifyAccessToken(browser.current.token)).toBeNull();
    server.events.length = 0;
    await server.auth.revokeCredential('alice', credentialId);
    expect(server.events.filter(({ type }) => type.startsWith('session'))).toMatchObject([
      { type: 'sessions_ended', reason: 'credential_revoked', count: 50, credentialId },
    ]);
    expect(await server.auth.listSessions('alice')).toEqual([]);
    if (db !== undefined && name !== 'Redis')
      expect((await sql`select 1 from zkp_sessions`.execute(db)).rows).toEqual([]);
  }, 60_000);

  it('logins and endings of all kinds leave no more rows than there may be sessions', async () => {
    const { stores, db, redis } = await every.open(name);
    const { sessions } = stores;
    const rows = async () => {
      if (name === 'Redis') {
        const keys = await redis!.keys(`*{${sessionTag(userId)}}`);
        return Math.max(0, ...(await Promise.all(keys.map((key) => redis!.hlen(key)))));
      }
      return db === undefined ? 0 : (await sql`select 1 from zkp_sessions`.execute(db)).rows.length;
    };
    let most = 0;
    for (let n = 0; n < 120; n++) {
      const session = own({ lastUsedAtMs: startMs + n, expiresAtMs: startMs + n });
      await sessions.create(session, 8);
      if (n % 7 === 3) await sessions.end(session.sessionId);
      if (n % 11 === 5) await sessions.endAll(userId, session.sessionId);
      if (n % 23 === 9) await sessions.endAll(userId);
      if (n % 31 === 7) await sessions.endOfCredential(userId, credentialId);
      most = Math.max(most, await rows());
    }
    expect(most).toBeLessThanOrEqual(10);
  }, 60_000);
});
