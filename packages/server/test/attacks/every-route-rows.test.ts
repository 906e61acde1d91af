import { loginContext, openKeyAction } from '@zkp-auth/core';
import Database from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePinSecrets, openPinAssistance, type PinStore, type SessionStore } from '../../src/index.js';
import { RedisPinStore, RedisSessionStore } from '../../src/redis/index.js';
import { sessionTag } from '../../src/sessions/session-id.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore, SqlSessionStore } from '../../src/sql/index.js';
import { confirmation, confirmationBody } from '../confirmation.js';
import { fillCredentials, fillHash, fillPins, fillSessions } from '../many-rows.js';
import { askWithPin, keyRotation, type PinRecord, pinChange, registerWithPin } from '../pin-client.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import {
  CountedSqlite,
  redisCommands,
  sqlitePlan,
  type Touched,
  touchedOnPostgres,
  unboundedSteps,
} from '../rows-touched.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { audience, createTestAuth, origin, proofBody, prove } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

/** The long form fills each table with a million rows of one user, and a hash of Redis with half a million fields. */
const isAll = process.env['LONG'] === 'all';
const many = isAll ? 1_000_000 : 20_000;
const manyFields = isAll ? 500_000 : 3_000;

/** A hundred of the many rows, and a few that the user has one of. */
const mostRows = 110;
/** When a credential is replaced, a hundred of its sessions end and its live pins retire. */
const mostChanged = mostRows + 32;
/** PostgreSQL counts a row in each step that reads it. A row is found, looked up and deleted before it is gone. */
const mostReadsOfPostgres = 3 * mostChanged;
/** For an operator's call, which is no route, at most 64 pins of each of 21 credentials. */
const mostPins = 21 * 64 + 21;
/** Statements of SQLite. Each finds its rows by an index. */
const mostStatements = 12;
/** Commands of Redis. A session that moves to the next epoch is written to the hash and to the sorted set. */
const mostCommands = 3 * mostRows;

const userId = 'mallory';
const pin = '493817';
const action = 'transfer';
const payload = 'to anna';

interface Measured extends Touched {
  /** The number of statements of SQLite. */
  statements?: number;
  /** The number of commands of Redis. */
  commands?: number;
}

interface SetUp {
  mostReads: number;
  sessions: SessionStore;
  pins: PinStore;
  db: Kysely<unknown>;
  /** Many rows of a user who has a session. */
  fill(mallory: PinRecord): Promise<void>;
  /** Make all of the many sessions live again. */
  revive(): Promise<void>;
  measure(call: string, run: () => Promise<unknown>): Promise<Measured>;
}

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redisServer: RedisServer;
beforeAll(async () => {
  [postgres, redisServer] = await Promise.all([startPostgres(), startRedis()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), redisServer.stop()]);
  await sqlite.remove();
});

async function openSqlite(file: string): Promise<SetUp> {
  const plain = sqlite.open<unknown>(file);
  await migrateSqlStores(plain);
  const counted = new CountedSqlite(new Database(sqlite.path(file)));
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: counted }) });
  let epoch = 0;
  return {
    mostReads: mostRows,
    sessions: new SqlSessionStore(db),
    pins: new SqlPinStore(db),
    db,
    async fill(mallory) {
      epoch = await epochOf(plain);
      await fillCredentials(plain, mallory, many);
      await fillPins(plain, mallory, many);
      await fillSessions(plain, mallory, many);
    },
    revive: () => setEpoch(plain, epoch),
    async measure(call, run) {
      const { sent, ...touched } = await counted.during(run);
      for (const statement of sent)
        expect(unboundedSteps(await sqlitePlan(plain, statement)), `${call}: ${statement.sql}`).toEqual([]);
      return { ...touched, statements: sent.length };
    },
  };
}

async function openPostgres(): Promise<SetUp> {
  const db = await postgres.open<unknown>('every_route', { pool: { max: 1 } });
  await migrateSqlStores(db);
  let epoch = 0;
  return {
    mostReads: mostReadsOfPostgres,
    sessions: new SqlSessionStore(db),
    pins: new SqlPinStore(db),
    db,
    async fill(mallory) {
      epoch = await epochOf(db);
      await fillCredentials(db, mallory, many);
      await fillPins(db, mallory, many);
      await fillSessions(db, mallory, many);
      await sql`vacuum analyze`.execute(db);
    },
    async revive() {
      await setEpoch(db, epoch);
      // Until then PostgreSQL counts index entries that point to deleted rows as read.
      await sql`vacuum (index_cleanup on) zkp_sessions`.execute(db);
    },
    measure: (_, run) => touchedOnPostgres(db, run),
  };
}

/** Credentials and the record of the pins are in SQLite, and sessions in one hash. */
async function openRedis(): Promise<SetUp> {
  const ofSql = await openSqlite('behind-redis.db');
  const redis = redisServer.connect();
  const prefix = 'every-route:';
  const key = `${prefix}{${sessionTag(userId)}}`;
  const names = [key, `${key}:used`];
  return {
    ...ofSql,
    sessions: new RedisSessionStore(redis, { prefix }),
    pins: new RedisPinStore(redis, ofSql.pins),
    async fill(mallory) {
      await fillCredentials(ofSql.db, mallory, many);
      await fillPins(ofSql.db, mallory, many);
      await fillHash(redis, key, manyFields);
      for (const name of names) await redis.call('COPY', name, `${name}:kept`);
    },
    async revive() {
      for (const name of names) await redis.call('COPY', `${name}:kept`, name, 'REPLACE');
    },
    async measure(call, run) {
      const size = await redis.hlen(key);
      let touched: Measured = { read: 0, changed: 0 };
      const counted = await redisCommands(redis, async () => {
        touched = await ofSql.measure(call, run);
      });
      const { hgetall = 0, hkeys = 0, hvals = 0, hscan = 0, ...others } = counted;
      if (size > 101) expect(hgetall + hkeys + hvals + hscan, call).toBe(0);
      const commands = Object.values(others).reduce((all, calls) => all + calls, 0);
      return { ...touched, commands };
    },
  };
}

async function epochOf(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ epoch: number | string }>`select epoch from zkp_session_epochs`.execute(db);
  return Number(rows[0]!.epoch);
}

/** Set the epoch back. Sessions of a later epoch are deleted, because they would live again in the next one. */
async function setEpoch(db: Kysely<unknown>, epoch: number): Promise<void> {
  await sql`delete from zkp_sessions where user_id = ${userId} and epoch > ${epoch}`.execute(db);
  await sql`update zkp_session_epochs set epoch = ${epoch}`.execute(db);
}

/** The calls behind the routes, and the calls of an operator, for a user with many rows of all kinds. */
class Rounds {
  readonly seen: Record<string, Measured & { ms: number }> = {};
  readonly #auth: TestAuth;
  readonly #setUp: SetUp;
  #mallory: PinRecord;
  #token = '';
  #session = { sessionId: '', refreshToken: '' };

  constructor(auth: TestAuth, setUp: SetUp, mallory: PinRecord) {
    [this.#auth, this.#setUp, this.#mallory] = [auth, setUp, mallory];
  }

  async all(): Promise<void> {
    await this.#proofs();
    await this.#sessions();
    await this.#lists();
    await this.#endings();
  }

  async #see<T>(call: string, run: () => Promise<T>): Promise<T> {
    let result: T | undefined;
    let ms = 0;
    const measured = await this.#setUp.measure(call, async () => {
      const startedMs = performance.now();
      result = await run();
      ms = performance.now() - startedMs;
    });
    this.seen[call] = { ...measured, ms };
    return result as T;
  }

  /** Sign in with the right PIN, after the many sessions are live again. */
  async #signIn(suffix = ''): Promise<void> {
    await this.#setUp.revive();
    const { keys, credentialId, pinId } = this.#mallory;
    const subject = { purpose: 'login', userId, credentialId } as const;
    const asked = await this.#see(`/challenge${suffix}`, () => askWithPin(this.#auth, subject, pin, pinId));
    const body = { ...prove(keys, 'login', userId, asked, loginContext()), credentialId };
    const answer = await this.#see(`/verify${suffix}`, () => this.#auth.calls.verify(body));
    this.#token = answer.token;
    this.#session = { sessionId: answer.sessionId, refreshToken: answer.refreshToken as string };
  }

  get #facts() {
    return { origin, authorization: `Bearer ${this.#token}` };
  }

  async #proofs(): Promise<void> {
    const auth = this.#auth;
    await this.#signIn();
    const unknown = { purpose: 'login', userId: 'nobody', credentialId: this.#mallory.credentialId } as const;
    await this.#see('/challenge of an unknown name', () => auth.calls.challenge(unknown));
    const stranger = await proofBody(auth.calls.challenge, 'register', userId);
    const owner = await proofBody(auth.calls.challenge, 'register', 'a free name', {
      keys: this.#mallory.keys,
    });
    for (const [call, body] of Object.entries({ 'a taken name': stranger, 'a taken key': owner }))
      await this.#see(`/register of ${call}`, () =>
        expect(auth.calls.register(body)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' }),
      );
    const change = await pinChange(auth, this.#mallory, pin);
    await this.#see('/pin', () => auth.calls.pin(change.body));
    this.#mallory = change.record;
    const surplus = await pinChange(auth, this.#mallory, pin, { keep: true });
    await this.#see('/pin, one too many', () =>
      expect(auth.calls.pin(surplus.body)).rejects.toMatchObject({ code: 'PIN_LIMIT_REACHED' }),
    );
    const opened = { userId, keys: this.#mallory.keys, action: openKeyAction, payload: '' };
    const opening = await confirmationBody(auth, opened);
    await this.#see('/open-key', () => auth.calls.openKey(opening));
    const user = await this.#see('an authenticated request', () => auth.authenticate(this.#facts));
    const confirmed = await confirmation(auth, { userId, keys: this.#mallory.keys, action, payload });
    const request = { user, action, payload: Buffer.from(payload), confirmation: confirmed };
    await this.#see('a confirmation', () => auth.confirm(request));
  }

  async #sessions(): Promise<void> {
    const auth = this.#auth;
    const answer = await this.#see('/refresh', () => auth.calls.refresh({ ...this.#session, audience }));
    this.#token = answer.token;
    const { sessions } = await this.#see('/sessions', () => auth.calls.sessions(undefined, this.#facts));
    await this.#see('/credentials', () => auth.calls.credentials(undefined, this.#facts));
    expect(sessions).toHaveLength(100);
    const [, other] = sessions;
    await this.#see('/sessions/end, one', () =>
      auth.calls.endSessions({ sessionId: other!.sessionId }, this.#facts),
    );
    for (const which of ['others', 'all'] as const) {
      await this.#see(`/sessions/end, ${which}`, () => auth.calls.endSessions({ which }, this.#facts));
      await this.#signIn(`, after the end of ${which}`);
    }
    await this.#see('/sign-out', () => auth.calls.signOut({ ...this.#session, audience }));
    await this.#signIn();
    const rotation = await keyRotation(auth, this.#mallory, pin);
    await this.#see('/rotate-key', () => auth.calls.rotateKey(rotation.body));
    this.#mallory = rotation.record;
    expect(await auth.listSessions(userId)).toEqual([]);
    await this.#signIn(', after a rotation');
  }

  async #lists(): Promise<void> {
    const auth = this.#auth;
    await this.#see('listSessions', () => auth.listSessions(userId));
    expect(await this.#see('listCredentials', () => auth.listCredentials(userId))).toHaveLength(21);
    await this.#see('listPins', () => auth.listPins(userId));
  }

  async #endings(): Promise<void> {
    const auth = this.#auth;
    const { credentialId } = this.#mallory;
    await this.#see('endSession', () => auth.endSession(userId, this.#session.sessionId));
    await this.#see('unlockPin', () => auth.unlockPin(userId, credentialId));
    await this.#see('suspendUser', () => auth.suspendUser(userId));
    await this.#see('resumeUser', () => auth.resumeUser(userId));
    await this.#signIn();
    await this.#see('endAllSessions', () => auth.endAllSessions(userId));
    await this.#setUp.revive();
    await this.#see('revokeCredential', () => auth.revokeCredential(userId, credentialId));
  }
}

describe.each([
  ['SQLite', () => openSqlite('every-route.db')],
  ['PostgreSQL', openPostgres],
  ['Redis', openRedis],
])('with %s, and very many rows of one user in every table', (_, open) => {
  it('no route touches more than a hundred of them', async () => {
    const setUp = await open();
    const { sessions, pins, db } = setUp;
    const auth = await createTestAuth({
      stores: { credentials: new SqlCredentialStore(db), sessions },
      pinAssistance: await openPinAssistance({ store: pins, secrets: generatePinSecrets() }),
    });
    const mallory = await registerWithPin(auth, userId, pin);
    await setUp.fill(mallory);
    for (let enrolled = 1; enrolled < 32; enrolled++)
      await auth.calls.pin((await pinChange(auth, mallory, pin, { keep: true })).body);
    const rounds = new Rounds(auth, setUp, mallory);
    await rounds.all();
    if (isAll) console.table(rounds.seen);
    expect(Object.keys(rounds.seen).length).toBeGreaterThan(30);
    for (const [call, { read, changed, statements = 0, commands = 0 }] of Object.entries(rounds.seen)) {
      const isOfPins = call === 'listPins';
      expect(read, call).toBeLessThanOrEqual(isOfPins ? mostPins : setUp.mostReads);
      expect(changed, call).toBeLessThanOrEqual(mostChanged);
      expect(statements, call).toBeLessThanOrEqual(isOfPins ? 2 * 21 + 1 : mostStatements);
      expect(commands, call).toBeLessThanOrEqual(mostCommands);
    }
  }, 600_000);
});
