// A process that tests start, with a server. Its parent calls the operations, several at once if it says so.
import Database from 'better-sqlite3';
import { createZkpAuth, InMemoryChallengeStore, openKeyFile, ZkpAuthError } from '@zkp-auth/server';
import { RedisSessionStore } from '@zkp-auth/server/redis';
import { migrateSqlStores, setUpSqlite, SqlCredentialStore, SqlSessionStore } from '@zkp-auth/server/sql';
import { Redis } from 'ioredis';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

const { sqlite, postgres, redisPath, keyFile, origin, audience } = JSON.parse(process.argv[2]);
const db = new Kysely({ dialect: postgres === undefined ? openSqlite() : openPostgres() });
await migrateSqlStores(db);
let laterMs = 0;
const auth = createZkpAuth({
  origins: [origin],
  audiences: [audience],
  stores: {
    challenges: new InMemoryChallengeStore(),
    credentials: new SqlCredentialStore(db),
    sessions:
      redisPath === undefined
        ? new SqlSessionStore(db)
        : new RedisSessionStore(new Redis({ path: redisPath })),
  },
  keys: await openKeyFile(keyFile),
  pinAssistance: false,
  sessions: { carriage: 'bearer' },
  now: () => Date.now() + laterMs,
  onEvent: (event) => process.send({ event }),
});

process.on('message', async ({ id, calls, ...clock }) => {
  laterMs = clock.laterMs;
  process.send({ id, outcomes: await Promise.all(calls.map(call)) });
});
process.send('ready');

async function call({ method, args }) {
  const [, route] = method.split('calls.');
  try {
    if (route === undefined) return { answer: await auth[method](...args), headers: [] };
    const { body, headers } = await auth.routes[route](...args);
    return { answer: body, headers: [...nonce(), ...headers] };
  } catch (error) {
    return { code: error.code ?? String(error), headers: nonce() };
  }
}

/** The nonce of the server's answers, in the form of a header. */
function nonce() {
  const needed = auth.refuse({ header: () => undefined }, new ZkpAuthError('DPOP_NONCE_REQUIRED'));
  return needed.headers.filter(([name]) => name === 'DPoP-Nonce');
}

function openSqlite() {
  return new SqliteDialect({ database: () => setUpSqlite(new Database(sqlite)) });
}

function openPostgres() {
  return new PostgresDialect({ pool: new Pool({ ...postgres, max: 10 }) });
}
