import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePinSecrets, openPinAssistance, type PinStore } from '../../src/index.js';
import { RedisPinStore } from '../../src/redis/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore } from '../../src/sql/index.js';
import { type Fate, openMortalPostgres, openMortalSqlite } from '../mortal-database.js';
import { keyRotation, loginWithPin, type PinRecord, registerWithPin } from '../pin-client.js';
import { enrolRequest } from '../enrolment-client.js';
import { askState, credentialIdOfKeys, kitRequest, makeKit, recoverRequest } from '../recovery-client.js';
import { pinOrphans } from '../pin-orphans.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { createTestAuth } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

const pin = '493817';
const names = ['SQLite', 'PostgreSQL', 'SQLite behind Redis', 'PostgreSQL behind Redis'] as const;
type Name = (typeof names)[number];
/**
 * Each process is killed before one step, and has that step's number. The long form takes every step, on every
 * engine.
 */
const isEveryKill = process.env['LONG'] === 'all';
const someSteps = [5, 19];
const killedNames = isEveryKill ? names : (['SQLite', 'PostgreSQL behind Redis'] as const);
const none = { pins: [], credentials: [] };

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), redis.stop(), sqlite.remove()]));

function openMortal(name: Name, file: string, fate: Fate): Promise<Kysely<unknown>> {
  return name.startsWith('SQLite')
    ? openMortalSqlite(sqlite.path(file), fate)
    : openMortalPostgres(postgres, file, fate);
}

async function setUp(name: Name, file: string) {
  const fate: Fate = { statementsLeft: Infinity };
  const db = await openMortal(name, file, fate);
  await migrateSqlStores(db);
  const record = new SqlPinStore(db);
  const store: PinStore = name.endsWith('Redis')
    ? new RedisPinStore(redis.connect(), record, { prefix: `${file}:` })
    : record;
  const auth = await createTestAuth({
    stores: { credentials: new SqlCredentialStore(db) },
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
    // The note of a credential's use fails no request.
    onError: () => undefined,
  });
  return { auth, db, fate };
}

const rotation = async (auth: TestAuth, record: PinRecord): Promise<PinRecord> => {
  const { body, record: next } = await keyRotation(auth, record, pin);
  await auth.calls.rotateKey(body);
  return next;
};

describe.each(names)('a server that ends before any one statement, on %s', (name) => {
  it('leaves no pin without its credential and no credential without its pin: a registration', async () => {
    const { auth, db, fate } = await setUp(name, `registration ${name}`);
    let [step, isDone] = [0, false];
    for (; !isDone; step++) {
      fate.statementsLeft = step;
      isDone = await registerWithPin(auth, `user-${step}`, pin).then(
        () => true,
        () => false,
      );
      fate.statementsLeft = Infinity;
      expect([step, await pinOrphans(db)]).toEqual([step, none]);
    }
    expect(step).toBeGreaterThan(5);
    await db.destroy();
  });

  it('leaves no pin without its credential and no credential without its pin: a rotation', async () => {
    const { auth, db, fate } = await setUp(name, `rotation ${name}`);
    let [step, isDone] = [0, false];
    for (; !isDone; step++) {
      const record = await registerWithPin(auth, `user-${step}`, pin);
      fate.statementsLeft = step;
      const next = await rotation(auth, record).catch(() => null);
      isDone = next !== null;
      fate.statementsLeft = Infinity;
      expect([step, await pinOrphans(db)]).toEqual([step, none]);
      const live = (await auth.listCredentials(record.userId)).find(
        ({ revokedAtMs }) => revokedAtMs === null,
      );
      // The old key with its PIN still signs in, or the new one does. The new key's record is on its owner's disk.
      if (live?.credentialId === record.credentialId) await loginWithPin(auth, record, pin);
      if (next !== null) await loginWithPin(auth, next, pin);
    }
    expect(step).toBeGreaterThan(8);
    await db.destroy();
  });

  it('leaves a kit or none, and never two, and its devices with their PIN: making, using and replacing one', async () => {
    const { auth, db, fate } = await setUp(name, `kits ${name}`);
    const device = await registerWithPin(auth, 'alice', pin);
    const cut = async (step: number, work: Promise<unknown>): Promise<boolean> => {
      fate.statementsLeft = step;
      const isDone = await work.then(
        () => true,
        () => false,
      );
      fate.statementsLeft = Infinity;
      expect([step, await pinOrphans(db)]).toEqual([step, none]);
      return isDone;
    };
    let kit = await makeKit(auth, device);
    for (let [step, isDone] = [0, false]; !isDone; step++) {
      const { body, kit: next } = await kitRequest(auth, device);
      isDone = await cut(step, auth.calls.makeKit(body));
      const kits = (await auth.listCredentials('alice')).filter(
        ({ kind, revokedAtMs }) => kind === 'recovery' && revokedAtMs === null,
      );
      expect(kits).toHaveLength(1);
      if (kits[0]?.credentialId === credentialIdOfKeys(next.keys)) kit = next;
      if (isDone) expect(step).toBeGreaterThan(5);
    }
    for (let [step, isDone] = [0, false]; !isDone; step++) {
      const { body, device: found } = await recoverRequest(auth, kit, { pin });
      isDone = await cut(step, auth.calls.recover(body));
      const listed = await auth.listCredentials('alice');
      // The new device asks, after a lost answer, and signs in under its PIN if it was created.
      if (!listed.some(({ credentialId }) => credentialId === found.credentialId))
        await expect(askState(auth, found)).rejects.toThrow();
      else {
        expect(await askState(auth, found, { pin })).toEqual({ state: 'live' });
        await loginWithPin(auth, found, pin);
      }
      if (isDone) expect(step).toBeGreaterThan(5);
    }
    await db.destroy();
  });

  it('leaves a token or the device that it brought: an enrolment', async () => {
    const { auth, db, fate } = await setUp(name, `enrolments ${name}`);
    await registerWithPin(auth, 'alice', pin);
    const granted = await auth.grantEnrolment('alice', { expiresInMs: 3_600_000 });
    for (let [step, isDone] = [0, false]; !isDone; step++) {
      const { body, device } = await enrolRequest(auth, granted?.token ?? '');
      fate.statementsLeft = step;
      isDone = await auth.calls.enrol(body).then(
        () => true,
        () => false,
      );
      fate.statementsLeft = Infinity;
      expect([step, await pinOrphans(db)]).toEqual([step, none]);
      const listed = await auth.listCredentials('alice');
      const isCreated = listed.some(({ credentialId }) => credentialId === device.credentialId);
      expect(await auth.listEnrolments('alice')).toHaveLength(isCreated ? 0 : 1);
      if (isCreated) await loginWithPin(auth, device, pin);
      isDone ||= isCreated;
      if (isDone) expect(step).toBeGreaterThan(5);
    }
    await db.destroy();
  });
});

describe.each(killedNames)('a process that is killed, on %s', (name) => {
  const file = `killed ${name}`;
  const isSqlite = name.startsWith('SQLite');
  const run = async (dieAt: number): Promise<number | null> => {
    const settings = {
      ...(isSqlite ? { sqlite: sqlite.path(file) } : { postgres: postgres.config(file) }),
      ...(name.endsWith('Redis') ? { redisPath: redis.path } : {}),
      secretFile: sqlite.path('pin-secrets.json'),
      userId: `user-${dieAt}`,
      dieAt,
    };
    const child = fork(new URL('../register-and-rotate.mjs', import.meta.url), [JSON.stringify(settings)]);
    let steps: number | null = null;
    child.on('message', (counted) => void (steps = counted as number));
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual(steps === null ? [null, 'SIGKILL'] : [0, null]);
    return steps;
  };

  it('in the midst of registrations and rotations leaves nothing that is half', async () => {
    const db = isSqlite ? sqlite.open<unknown>(file) : await postgres.open<unknown>(file);
    await migrateSqlStores(db);
    const steps = await run(-1);
    expect(steps).toBeGreaterThan(Math.max(20, ...someSteps));
    const killed = isEveryKill ? Array.from({ length: steps as number }, (_, n) => n + 1) : someSteps;
    while (killed.length > 0) {
      const outcomes = await Promise.all(killed.splice(0, 2).map(run));
      expect(outcomes.filter((outcome) => outcome !== null)).toEqual([]);
      expect([killed.length, await pinOrphans(db)]).toEqual([killed.length, none]);
    }
  });
});
