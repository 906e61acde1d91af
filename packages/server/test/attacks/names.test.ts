import { generateKeyPair } from '@zkp-auth/core';
import Database from 'better-sqlite3';
import { Kysely, type LogEvent, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ChallengeStore,
  generatePinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  openPinAssistance,
} from '../../src/index.js';
import { RedisPinStore } from '../../src/redis/index.js';
import {
  migrateSqlStores,
  setUpPostgres,
  setUpSqlite,
  SqlCredentialStore,
  SqlPinStore,
} from '../../src/sql/index.js';
import { type StoreName, storeNames } from '../every-store.js';
import { registerWithPin } from '../pin-client.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { createTestAuth, register } from '../test-client.js';
import { withoutMarks } from '../without-marks.js';

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), redis.stop(), sqlite.remove()]));

let databases = 0;

/** A server, and the statements that it sends to its stores. */
async function setUp(name: StoreName, challenges: ChallengeStore = new InMemoryChallengeStore()) {
  const sent: string[] = [];
  if (name === 'memory') {
    const credentials = recording(new InMemoryCredentialStore(), sent);
    return { auth: await createTestAuth({ stores: { challenges, credentials } }), sent };
  }
  const file = `names_${databases++}`;
  const log = ({ query }: LogEvent): void => void sent.push(query.sql);
  const dialect =
    name === 'PostgreSQL'
      ? new PostgresDialect({ pool: setUpPostgres(new Pool({ ...postgres.config(file), max: 4 })) })
      : new SqliteDialect({ database: await setUpSqlite(new Database(sqlite.path(`${file}.db`))) });
  if (name === 'PostgreSQL') await (await postgres.open(file)).destroy();
  const db = new Kysely<unknown>({ dialect, log });
  await migrateSqlStores(db);
  const record = new SqlPinStore(db);
  const store =
    name === 'Redis' ? new RedisPinStore(redis.connect(), record, { prefix: `${file}:` }) : record;
  const auth = await createTestAuth({
    stores: { challenges, credentials: new SqlCredentialStore(db) },
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
  });
  return { auth, sent, db };
}

function recording<T extends object>(target: T, sent: string[]): T {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        sent.push(String(name));
        return (value as (...all: unknown[]) => unknown).apply(object, args);
      };
    },
  });
}

it.each(storeNames)(
  'whoever registers a key that is registered cannot see by the work which names are taken, on %s',
  async (name) => {
    const { auth, sent, db } = await setUp(name);
    const keys = generateKeyPair();
    await register(auth, 'mallory', { keys });
    await register(auth, 'taken');
    const probes: Record<string, string[]> = {};
    for (const userId of ['taken', 'free', 'mallory', 'free as well']) {
      sent.length = 0;
      await expect(register(auth, userId, { keys })).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      probes[userId] = [...sent];
      expect(await auth.listCredentials(userId)).toHaveLength(userId.startsWith('free') ? 0 : 1);
    }
    const [first] = Object.values(probes);
    expect(first!.length).toBeGreaterThan(0);
    expect(probes).toEqual({ taken: first, free: first, mallory: first, 'free as well': first });
    expect(first!.filter((statement) => /zkp_users/.test(statement))).toEqual([]);
    // A name that a key has probed is still free.
    await expect(registerWithPin(auth, 'free', '493817')).resolves.toBeDefined();
    await db?.destroy();
  },
);

/** A user's row is read only after the credential of that user was found. */
const usersBehindCredential =
  /^select "zkp_credentials"\.\*, \(select "suspended_at_ms" from "zkp_users" where "zkp_users"\."user_id" = "zkp_credentials"\."user_id"\) as "suspended_at_ms" from "zkp_credentials" where /;

it.each(['SQLite', 'PostgreSQL'] as const)(
  'nor where a challenge may come back, so that the copy of a registration is looked for, on %s',
  async (name) => {
    const { auth, sent, db } = await setUp(name, withoutMarks(new InMemoryChallengeStore()));
    const keys = generateKeyPair();
    await register(auth, 'mallory', { keys });
    await register(auth, 'taken');
    const probes: string[][] = [];
    for (const userId of ['taken', 'free']) {
      sent.length = 0;
      await expect(register(auth, userId, { keys })).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      probes.push([...sent]);
    }
    expect(probes[0]).toEqual(probes[1]);
    const ofUsers = probes[0]!.filter((statement) => /zkp_users/.test(statement));
    expect(ofUsers).toEqual([expect.stringMatching(usersBehindCredential)]);
    await db?.destroy();
  },
);

it.each(storeNames)(
  'of racing registrations of one key under many names, one has its name, on %s',
  async (name) => {
    const { auth, db } = await setUp(name);
    const keys = generateKeyPair();
    const names = Array.from({ length: 8 }, (_, n) => `raced-${n}`);
    const outcomes = await Promise.allSettled(names.map((userId) => register(auth, userId, { keys })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const counts = await Promise.all(
      names.map(async (userId) => (await auth.listCredentials(userId)).length),
    );
    expect(counts.filter((count) => count > 0)).toEqual([1]);
    await db?.destroy();
  },
);
