import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryChallengeStore, openPinAssistance } from '../src/index.js';
import { RedisPinStore } from '../src/redis/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore } from '../src/sql/index.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { guess, type PinRecord, registerWithPin } from './pin-client.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { createSqliteFolder } from './sqlite-folder.js';
import { createTestAuth } from './test-client.js';

const isLong = process.env['LONG'] === 'all';
const sqlite = createSqliteFolder();
const secretFile = sqlite.path('pin-secrets.json');
const startMs = 1_700_000_000_000;
/** Two clocks that never meet. They are half an hour apart, and each advances by hours. */
const halfHourMs = 1_800_000;
let server: RedisServer;
let postgres: PostgresServer;

beforeAll(async () => {
  [server, postgres] = await Promise.all([startRedis(), startPostgres()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([server.stop(), postgres.stop(), sqlite.remove()]);
});

/** A server of this process over the same data, like one after a restart. */
async function start(db: Kysely<unknown>, redis: Redis | undefined) {
  await migrateSqlStores(db);
  const record = new SqlPinStore(db);
  const store = redis === undefined ? record : new RedisPinStore(redis, record);
  const auth = await createTestAuth({
    stores: { challenges: new InMemoryChallengeStore(), credentials: new SqlCredentialStore(db) },
    pinAssistance: await openPinAssistance({ store, secretFile }),
    now: () => startMs + 1_000 * halfHourMs,
  });
  return { auth, record };
}

async function raceOf(processes: readonly ChildProcess[]): Promise<string[]> {
  await Promise.all(processes.map((child) => once(child, 'message')));
  const exits = processes.map((child) => once(child, 'exit'));
  const answers = processes.map(async (child) => (await once(child, 'message'))[0] as string[]);
  for (const child of processes) child.send('go');
  const answered = (await Promise.all(answers)).flat();
  await Promise.all(exits);
  return answered;
}

const settings = [
  ['challenges on Redis, pins in SQLite behind RedisPinStore', 'sqlite', true, null, 'long'],
  ['challenges on Redis, pins in PostgreSQL behind RedisPinStore', 'postgres', true, null, 'both'],
  ['pins in SQLite alone', 'sqlite', false, null, 'both'],
  ['pins in PostgreSQL alone', 'postgres', false, null, 'both'],
  // Serializable refuses everything that this level refuses.
  ['pins in PostgreSQL alone, at repeatable read', 'postgres', false, 'repeatable\\ read', 'long'],
  ['pins in PostgreSQL alone, at serializable', 'postgres', false, 'serializable', 'both'],
] as const;

const inThisForm = settings.filter(([, , , , form]) => isLong || form === 'both');

describe.each(inThisForm)('64 requests race over two processes: %s', (title, engine, withRedis, level) => {
  const redis = () => (withRedis ? server.connect() : undefined);
  const pool = level === null ? {} : { options: `-c default_transaction_isolation=${level}` };
  const open = async () =>
    engine === 'sqlite' ? sqlite.open<unknown>(`${title}.db`) : postgres.open<unknown>(title, { pool });

  const startProcess = (task: object) =>
    fork(new URL('./race-pin.mjs', import.meta.url), [
      JSON.stringify({
        ...(engine === 'sqlite'
          ? { sqlite: sqlite.path(`${title}.db`) }
          : { postgres: { ...postgres.config(title), ...pool } }),
        secretFile,
        redisPath: withRedis ? server.path : undefined,
        ...task,
      }),
    ]);

  // RedisPinStore enrols in the store behind it.
  const enrolments = isLong || !withRedis ? [64] : [];
  it.each(enrolments)('of %d enrolments no more pins live than the limit', async () => {
    const { auth, record } = await start(await open(), redis());
    const { userId, credentialId } = await registerWithPin(auth, 'dora', '493817');
    const [pin] = await record.listOf(credentialId);
    const enrolments = { userId, credentialId, secretId: pin?.secretId, enrolledAtMs: startMs };
    const answers = await raceOf([1, 2].map(() => startProcess({ enrolments, subjects: [], startMs })));
    expect(answers.toSorted()).toEqual([
      ...Array<string>(31).fill('enrolled'),
      ...Array<string>(33).fill('full'),
    ]);
    expect(await record.listOf(credentialId)).toHaveLength(32);
  });

  it.each(isLong ? [1, 2, 3] : [1])(
    'exactly ten guesses are answered, and none after a restart (round %i)',
    async (round) => {
      const { auth, record } = await start(await open(), redis());
      const [alice, bob, carol] = (await Promise.all(
        ['alice', 'bob', 'carol'].map((name) => registerWithPin(auth, `${name}-${round}`, '493817')),
      )) as [PinRecord, PinRecord, PinRecord];
      await auth.revokeCredential(carol.userId, carol.credentialId);
      const subjects = [
        alice,
        bob,
        carol,
        { userId: 'nobody', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' },
      ].flatMap(({ userId, credentialId }) =>
        ['login', 'register', 'change-pin', 'rotate-key'].map((purpose) => ({
          purpose,
          userId,
          credentialId,
        })),
      );
      const processes = [0, halfHourMs].map((offsetMs) =>
        startProcess({ pinId: alice.pinId, subjects, startMs: startMs + offsetMs }),
      );
      const answers = await raceOf(processes);

      expect(answers).toHaveLength(64);
      const refusals = answers.filter((answer) => answer !== 'evaluated');
      expect(answers.length - refusals.length).toBe(10);
      // Behind Redis, a caller waits if all tries are in flight.
      for (const code of refusals)
        expect(withRedis ? ['PIN_LOCKED', 'PIN_WAIT'] : ['PIN_LOCKED']).toContain(code);
      expect((await record.listOf(alice.credentialId))[0]?.tries).toBe(10);
      const { auth: restarted } = await start(await open(), redis());
      await expect(guess(restarted, alice, '493817')).rejects.toMatchObject({ code: 'PIN_LOCKED' });
      expect((await guess(restarted, bob, '493817')).attemptsLeft).toBe(9);
    },
  );
});
