import { CamelCasePlugin, type Kysely, ParseJSONResultsPlugin } from 'kysely';
import type { PoolConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PgBouncer, startPgBouncer } from '../../test/pg-bouncer.js';
import { type OpenOptions, type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import {
  type RegisterTest,
  testCredentialStore,
  testPinStore,
  testSessionStore,
  testKeyRingStore,
} from '../testing/index.js';
import { newSession } from '../testing/sample-session.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlKeyRingStore } from './sql-key-ring-store.js';
import { SqlPinStore } from './sql-pin-store.js';
import { SqlSessionStore } from './sql-session-store.js';

const isLong = process.env['LONG'] === 'all';
let server: PostgresServer;
let pooler: PgBouncer;

beforeAll(async () => {
  server = await startPostgres();
  pooler = await startPgBouncer(server);
}, 60_000);
afterAll(async () => {
  await pooler.stop();
  await server.stop();
});

/** How an application sets up its pools and its Kysely. */
interface SetUp {
  options?: () => OpenOptions;
  /** The schema that the stores get from `withSchema`. */
  schema?: string;
  /** Makes this schema, beside another installation's tables in `public`. */
  besides?: string;
  /**
   * The contract tests whose outcome can depend on the set-up; default all. The long form runs all of them anyway.
   */
  only?: 'races' | 'others';
}

/** The slowest races. Another race has the same operations. */
const longRaces = new Set([
  'of racing ends, has exactly one end it, and no spend that was under way bring it back',
  'ends all in the midst of spends and logins: of what was there before, nothing is live',
  'ends all but one in the midst of its use: it goes on, and no other does',
  'of 64 racing tries counts exactly ten',
]);
const isRace = (name: string): boolean =>
  /\brac(?:e|es|ing)\b|in the midst|at once|meanwhile|once the suspension/.test(name);

/** Registers the contract tests that a set-up runs. */
const testsOf =
  ({ only }: SetUp): RegisterTest =>
  (name, run) => {
    const isOne = only === 'races' ? isRace(name) && !longRaces.has(name) : !isRace(name);
    if (isLong || only === undefined || isOne) it(name, run);
  };

const startingWith = (setting: string): SetUp => ({
  options: () => ({ pool: { options: `-c ${setting}` } }),
});
const setUps: Record<string, SetUp> = {
  'as it comes': {},
  'through PgBouncer in transaction mode': { options: () => ({ pool: pooler.pool }), only: 'races' },
  'in the schema of the search path, beside one in public': {
    ...startingWith('search_path=auth'),
    besides: 'auth',
    only: 'others',
  },
  'in the schema of withSchema, beside one in public': { schema: 'auth', besides: 'auth', only: 'others' },
  'whose default isolation level is repeatable read': {
    ...startingWith('default_transaction_isolation=repeatable\\ read'),
    only: 'races',
  },
  'whose default isolation level is serializable': {
    ...startingWith('default_transaction_isolation=serializable'),
    only: 'races',
  },
  'in an application that reads integers as bigint': {
    options: () => ({ pool: integersBy(BigInt) }),
    only: 'others',
  },
  'in an application that reads integers as numbers, renames columns and parses JSON': {
    options: () => ({
      pool: integersBy(Number),
      plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()],
    }),
    only: 'others',
  },
};

/** Parsers of int4 and int8. */
function integersBy(parse: (text: string) => unknown): PoolConfig {
  return { types: { getTypeParser: (type: number) => (type === 20 || type === 23 ? parse : String) } };
}

async function openPools(name: string, { options, schema, besides }: SetUp): Promise<Kysely<unknown>[]> {
  if (besides !== undefined) {
    const first = await server.open<unknown>(name);
    await migrateSqlStores(first);
    await first.schema.createSchema(besides).execute();
    await first.destroy();
  }
  const pools = await Promise.all(
    Array.from({ length: 3 }, () => server.open<unknown>(name, options?.() ?? {})),
  );
  return pools.map((db) => (schema === undefined ? db : db.withSchema(schema)));
}

describe.each(Object.keys(setUps))('on PostgreSQL %s, several pools', (setUp) => {
  const test = testsOf(setUps[setUp]!);
  let pools: Kysely<unknown>[];
  beforeAll(async () => {
    pools = await openPools(setUp, setUps[setUp]!);
    await migrateSqlStores(pools[0]!);
  });
  afterAll(() => Promise.all(pools.map((db) => db.destroy())));

  describe('SqlCredentialStore', () => {
    testCredentialStore(test, async () => pools.map((db) => new SqlCredentialStore(db)));
  });
  describe('SqlPinStore', () => {
    testPinStore(test, async () => pools.map((db) => new SqlPinStore(db)));
  });
  describe('SqlSessionStore', () => {
    testSessionStore(test, async () => pools.map((db) => new SqlSessionStore(db)));

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
  describe('SqlKeyRingStore', () => {
    testKeyRingStore(it, (name) => [
      new SqlKeyRingStore(pools[0]!, { name }),
      new SqlKeyRingStore(pools[1]!, { name }),
    ]);
  });
});
