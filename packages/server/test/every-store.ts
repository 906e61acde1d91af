import type { Kysely } from 'kysely';
import type { Redis } from 'ioredis';
import {
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  type PinStore,
  type ZkpAuthOptions,
} from '../src/index.js';
import { RedisChallengeStore, RedisPinStore, RedisSessionStore } from '../src/redis/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore, SqlSessionStore } from '../src/sql/index.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { createSqliteFolder } from './sqlite-folder.js';

/** The set-ups of the docs. In `Redis`, SQLite keeps the credentials and is the record of the pins. */
export const storeNames = ['memory', 'SQLite', 'PostgreSQL', 'Redis'] as const;
export type StoreName = (typeof storeNames)[number];

/** Empty stores of one set-up. */
export interface OpenedStores {
  stores: ZkpAuthOptions['stores'];
  pins: PinStore;
  // oxlint-disable-next-line no-explicit-any -- as the stores take it
  db?: Kysely<any>;
  redis?: Redis;
}

/** The servers of a test file. Start them in `beforeAll`, and stop them in `afterAll`. */
export interface EveryStore {
  /** New and empty with each call. `now` is the clock of stores that need one. */
  open(name: StoreName, now?: () => number): Promise<OpenedStores>;
  stop(): Promise<void>;
}

export async function startEveryStore(names: readonly StoreName[] = storeNames): Promise<EveryStore> {
  const sqlite = createSqliteFolder();
  const [postgres, redisServer] = await Promise.all([
    names.includes('PostgreSQL') ? startPostgres() : undefined,
    names.includes('Redis') ? startRedis() : undefined,
  ]);
  let opened = 0;
  const openSql = async (name: StoreName) => {
    const file = `every_store_${opened++}`;
    const db =
      name === 'PostgreSQL'
        ? await (postgres as PostgresServer).open<unknown>(file)
        : sqlite.open<unknown>(`${file}.db`);
    await migrateSqlStores(db);
    return db;
  };
  return {
    async open(name, now) {
      const challenges = new InMemoryChallengeStore(now === undefined ? {} : { now });
      if (name === 'memory') {
        const [credentials, sessions] = [new InMemoryCredentialStore(), new InMemorySessionStore()];
        return { stores: { challenges, credentials, sessions }, pins: new InMemoryPinStore() };
      }
      const db = await openSql(name);
      const credentials = new SqlCredentialStore(db);
      const pins = new SqlPinStore(db);
      if (name !== 'Redis')
        return { stores: { challenges, credentials, sessions: new SqlSessionStore(db) }, pins, db };
      const redis = (redisServer as RedisServer).connect();
      const prefix = `every-store-${opened++}:`;
      return {
        stores: {
          challenges: new RedisChallengeStore(redis, { prefix: `${prefix}challenges:` }),
          credentials,
          sessions: new RedisSessionStore(redis, { prefix: `${prefix}sessions:` }),
        },
        pins: new RedisPinStore(redis, pins, { prefix: `${prefix}pins:` }),
        db,
        redis,
      };
    },
    async stop() {
      await Promise.all([postgres?.stop(), redisServer?.stop()]);
      await sqlite.remove();
    },
  };
}
