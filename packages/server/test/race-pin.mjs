// A process that tests start. It asks for the same pinId 32 times at once, or enrols 32 pins of one credential, and
// tells the answers.
import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import {
  createZkpAuth,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemorySessionStore,
  openPinAssistance,
} from '@zkp-auth/server';
import { RedisChallengeStore, RedisPinStore } from '@zkp-auth/server/redis';
import { migrateSqlStores, setUpSqlite, SqlCredentialStore, SqlPinStore } from '@zkp-auth/server/sql';
import { Redis } from 'ioredis';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

const { sqlite, postgres, secretFile, redisPath, pinId, subjects, startMs, enrolments } = JSON.parse(
  process.argv[2],
);
const hourMs = 3_600_000;
const db = new Kysely({ dialect: postgres === undefined ? openSqlite(sqlite) : openPostgres(postgres) });
await migrateSqlStores(db);
const redis = redisPath === undefined ? undefined : new Redis({ path: redisPath });
const record = new SqlPinStore(db);
const store = redis === undefined ? record : new RedisPinStore(redis, record);
let nowMs = startMs;
const auth = createZkpAuth({
  origins: ['https://app.example'],
  stores: {
    challenges: redis === undefined ? new InMemoryChallengeStore() : new RedisChallengeStore(redis),
    credentials: new SqlCredentialStore(db),
    sessions: new InMemorySessionStore(),
  },
  keys: await generateSigningKeys(),
  pinAssistance: await openPinAssistance({ store, secretFile }),
  // Each request comes an hour after the one before, so that no wait hides the bound.
  now: () => (nowMs += hourMs),
});
const ask = (n) => {
  const { blinded } = ristretto255_oprf.oprf.blind(Buffer.from(`guess-${n}`));
  const pin = { id: pinId, blinded: Buffer.from(blinded).toString('base64url') };
  return auth.routes.challenge({ ...subjects[n % subjects.length], pin }).then(
    ({ body }) => (body.pin.evaluated === '' ? 'nothing' : 'evaluated'),
    (error) => error.code,
  );
};
/** If `enrolments` names a credential, each copy of its record enrols a pin. */
const enrol = () =>
  store
    .enrol({ ...enrolments, pinHash: randomBytes(32).toString('base64url') }, { limit: 32 })
    .catch((error) => String(error));
process.send('ready');
process.once('message', async () => {
  const work = enrolments === undefined ? ask : enrol;
  const answers = await Promise.all(Array.from({ length: 32 }, (_, n) => work(n)));
  await db.destroy();
  process.send(answers, () => {
    redis?.disconnect();
    process.disconnect();
  });
});

function openSqlite(file) {
  return new SqliteDialect({ database: () => setUpSqlite(new Database(file)) });
}

function openPostgres(config) {
  return new PostgresDialect({ pool: new Pool({ ...config, max: 8 }) });
}
