import Database from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { expect } from 'vitest';
import type { PinStore, SessionStore } from '../src/index.js';
import { RedisPinStore, RedisSessionStore } from '../src/redis/index.js';
import { sessionTag } from '../src/sessions/session-id.js';
import { migrateSqlStores, SqlPinStore, SqlSessionStore } from '../src/sql/index.js';
import {
  fillCredentials,
  fillErased,
  fillHash,
  fillLiveDevices,
  fillPins,
  fillSessions,
  type LiveDevices,
} from './many-rows.js';
import type { PinRecord } from './pin-client.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type RedisServer, startRedis } from './redis-server.js';
import {
  CountedSqlite,
  redisCommands,
  sqlitePlan,
  type Touched,
  touchedOnPostgres,
  unboundedSteps,
} from './rows-touched.js';
import { createSqliteFolder } from './sqlite-folder.js';

/** The long form fills each table with a million rows of one user, and a hash of Redis with half a million fields. */
const isAll = process.env['LONG'] === 'all';
const many = isAll ? 1_000_000 : 20_000;
const manyFields = isAll ? 500_000 : 3_000;

/** A hundred of the many rows, and a few that the user has one of. */
export const mostRows = 110;
/** When a credential is replaced, a hundred of its sessions end and its live pins retire. */
export const mostChanged: number = mostRows + 32;
/** PostgreSQL counts a row in each step that reads it. A row is found, looked up and deleted before it is gone. */
const mostReadsOfPostgres = 3 * mostChanged;

/** Live devices of a user beside the first one. */
const addedDevices = 31;

/** The user of the many rows. */
export const userId = 'mallory';

export interface Measured extends Touched {
  /** The number of statements of SQLite. */
  statements?: number;
  /** The number of commands of Redis. */
  commands?: number;
  /** How many of them read all fields of a hash, if it had more than a hundred sessions before the call. */
  wholeHashes?: number;
}

export interface CrowdedStores {
  mostReads: number;
  sessions: SessionStore;
  pins: PinStore;
  db: Kysely<unknown>;
  /** Many rows of a user who has a session. */
  fill(mallory: PinRecord): Promise<void>;
  /** Make all of the many sessions live again. */
  revive(): Promise<void>;
  /** Add live devices, up to the most that a user may have. */
  addDevices(mallory: PinRecord): Promise<LiveDevices>;
  measure(call: string, run: () => Promise<unknown>): Promise<Measured>;
}

/** The set-ups with many rows. The credentials are always in SQL. */
export const crowdedNames = ['SQLite', 'PostgreSQL', 'Redis'] as const;

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redisServer: RedisServer;

/** Start the servers of a test file in `beforeAll`. */
export async function startCrowded(): Promise<void> {
  [postgres, redisServer] = await Promise.all([startPostgres(), startRedis()]);
}

export async function stopCrowded(): Promise<void> {
  await Promise.all([postgres.stop(), redisServer.stop()]);
  await sqlite.remove();
}

export function openCrowded(name: (typeof crowdedNames)[number]): Promise<CrowdedStores> {
  if (name === 'PostgreSQL') return openPostgres();
  return name === 'Redis' ? openRedis() : openSqlite('crowded.db');
}

async function openSqlite(file: string): Promise<CrowdedStores> {
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
      await fillUser(plain, mallory);
      await fillSessions(plain, mallory, many);
    },
    revive: () => setEpoch(plain, epoch),
    addDevices: (mallory) => fillLiveDevices(plain, mallory, addedDevices),
    async measure(call, run) {
      const { sent, ...touched } = await counted.during(run);
      for (const statement of sent)
        expect(unboundedSteps(await sqlitePlan(plain, statement)), `${call}: ${statement.sql}`).toEqual([]);
      return { ...touched, statements: sent.length };
    },
  };
}

async function openPostgres(): Promise<CrowdedStores> {
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
      await fillUser(db, mallory);
      await fillSessions(db, mallory, many);
      await sql`vacuum analyze`.execute(db);
    },
    async revive() {
      await setEpoch(db, epoch);
      // Until then PostgreSQL counts index entries that point to deleted rows as read.
      await sql`vacuum (index_cleanup on) zkp_sessions`.execute(db);
    },
    async addDevices(mallory) {
      const devices = await fillLiveDevices(db, mallory, addedDevices);
      await sql`vacuum analyze`.execute(db);
      return devices;
    },
    measure: (_, run) => touchedOnPostgres(db, run),
  };
}

/** Credentials and the record of the pins are in SQLite, and sessions in one hash. */
async function openRedis(): Promise<CrowdedStores> {
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
      await fillUser(ofSql.db, mallory);
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
      const commands = Object.values(others).reduce((all, calls) => all + calls, 0);
      const wholeHashes = size > 101 ? hgetall + hkeys + hvals + hscan : 0;
      return { ...touched, commands, wholeHashes };
    },
  };
}

async function fillUser(db: Kysely<unknown>, mallory: Parameters<typeof fillPins>[1]): Promise<void> {
  await fillCredentials(db, mallory, many);
  await fillPins(db, mallory, many);
  await fillErased(db, many);
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
