import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemorySessionStore, type SessionStore } from '../src/index.js';
import { RedisSessionStore } from '../src/redis/index.js';
import { newSession, randomText, startMs } from '../src/testing/sample-session.js';
import { migrateSqlStores, SqlSessionStore } from '../src/sql/index.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { createSqliteFolder } from './sqlite-folder.js';

const isLong = process.env['LONG'] === 'all';
const sqlite = createSqliteFolder();
let redis: RedisServer;
let postgres: PostgresServer;

beforeAll(async () => {
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([redis.stop(), postgres.stop(), sqlite.remove()]);
});

const one = fc.nat({ max: 5 });
const step = fc.record({
  name: fc.constantFrom(
    ...([
      'create',
      'create',
      'spend',
      'spend',
      'spend',
      'move',
      'end',
      'endOf',
      'endAll',
      'endOthers',
    ] as const),
  ),
  session: one,
  other: one,
  token: one,
  next: one,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Cast = ReturnType<typeof castOf>;

/** Sessions of two users by two credentials each, and tokens for all of them. */
function castOf() {
  const users = [0, 1].map(() => ({
    userId: randomText(6),
    credentialIds: [randomText(16), randomText(16)],
  }));
  const hashes = Array.from({ length: 6 }, () => randomText(32));
  const sessions = Array.from({ length: 6 }, (_, n) => {
    const { userId, credentialIds } = users[n % 2]!;
    return newSession({
      userId,
      credentialId: credentialIds[Number(n > 2)]!,
      refreshHash: hashes[0]!,
      createdAtMs: startMs + n,
    });
  });
  return { hashes, sessions };
}

/** The answer of a store to a step, and then its sessions of both users. */
async function take(store: SessionStore, step: Step, { hashes, sessions }: Cast): Promise<unknown> {
  const session = sessions[step.session]!;
  const other = sessions[step.other]!;
  const { sessionId, userId, credentialId } = session;
  const spending = {
    presentedHash: hashes[step.token]!,
    nextHash: hashes[step.next]!,
    atMs: startMs + 50,
    expiresAtMs: startMs + 100,
  };
  const answer = await {
    create: () => store.create(session),
    spend: () => store.spend(sessionId, spending),
    move: () => store.moveTo(sessionId, other.credentialId),
    end: () => store.end(sessionId),
    endOf: async () => (await store.endOfCredential(userId, credentialId)).toSorted(),
    endAll: () => store.endAll(userId),
    endOthers: () => store.endAll(userId, other.sessionId),
  }[step.name]();
  const lists = [sessions[0]!, sessions[1]!].map(({ userId }) => store.list(userId));
  const found = sessions.map(({ sessionId }) => store.find(sessionId));
  return { answer, lists: await Promise.all(lists), found: await Promise.all(found) };
}

const openSql = async (connections: Kysely<unknown>[]) => {
  await migrateSqlStores(connections[0]!);
  return connections.map((db) => new SqlSessionStore(db));
};

describe.each([
  ['SQLite', async () => openSql([sqlite.open('model.db'), sqlite.open('model.db')])],
  ['PostgreSQL', async () => openSql([await postgres.open('model'), await postgres.open('model')])],
  ['Redis', async () => [redis.connect(), redis.connect()].map((client) => new RedisSessionStore(client))],
])('sessions in %s', (_, open) => {
  it('whatever people do, in whatever order, are live where they would be in memory, and nowhere else', async () => {
    const stores = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const model = new InMemorySessionStore();
        const cast = castOf();
        const created = new Set<number>();
        for (const [n, step] of steps.entries()) {
          // A session is created once, because its id is random.
          if (step.name === 'create' && created.size === created.add(step.session).size) continue;
          const expected = await take(model, step, cast);
          expect(await take(stores[n % 2]!, step, cast)).toEqual(expected);
        }
      }),
      { numRuns: isLong ? 60 : 15 },
    );
  });
});
