import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import { testCredentialStore, testPinStore, testSessionStore } from '../testing/index.js';
import { newSession } from '../testing/sample-session.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import type { ZkpAuthTables } from './schema.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlPinStore } from './sql-pin-store.js';
import { SqlSessionStore } from './sql-session-store.js';

let server: PostgresServer;
let pools: Kysely<ZkpAuthTables>[];
const open = (database: string) => server.open<ZkpAuthTables>(database);

beforeAll(async () => {
  server = await startPostgres();
  pools = await Promise.all(['contract', 'contract', 'contract'].map(open));
  await migrateSqlStores(pools[0]!);
}, 60_000);
afterAll(() => server.stop());

describe('on PostgreSQL, several pools', () => {
  describe('SqlCredentialStore', () => {
    testCredentialStore(it, async () => pools.map((db) => new SqlCredentialStore(db)));
  });

  describe('SqlPinStore', () => {
    testPinStore(it, async () => pools.map((db) => new SqlPinStore(db)));
  });

  describe('SqlSessionStore', () => {
    testSessionStore(it, async () => pools.map((db) => new SqlSessionStore(db)));

    it('of sessions that begin at once, one that cannot be stored fails alone', async () => {
      const store = new SqlSessionStore(pools[0]!);
      const [one, other] = [newSession(), newSession()];
      const unstorable = newSession({ deviceName: 'a\u0000b' });
      const outcomes = await Promise.allSettled(
        [one, unstorable, other].map((session) => store.create(session)),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      for (const { sessionId } of [one, other]) expect(await store.find(sessionId)).not.toBeNull();
    });
  });

  it('migrations that start at once on an empty database all go through, once', async () => {
    const starting = await Promise.all(Array.from({ length: 4 }, () => open('starting')));
    await Promise.all(starting.map((db) => migrateSqlStores(db)));
    expect(await new SqlPinStore(starting[3]!).secretIds()).toEqual([]);
    expect(await new SqlCredentialStore(starting[2]!).list('nobody')).toEqual([]);
  });
});
