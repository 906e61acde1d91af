import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { documentedCode } from '../test/documented-code.js';
import { guess, loginWithPin, registerWithPin } from '../test/pin-client.js';
import { type PostgresServer, startPostgres } from '../test/postgres-server.js';
import { type RedisServer, startRedis } from '../test/redis-server.js';
import { audience, origin } from '../test/test-client.js';
import { asTestAuth, type TestAuth } from '../test/test-auth.js';
import { addPinSecret, openZkpAuth, type OpenZkpAuthOptions } from './index.js';
import { openPostgresStores, openSqliteStores } from './sql/index.js';

const room = fileURLToPath(new URL('..', import.meta.url));
const pin = '493817';
const masterKey = Buffer.alloc(32, 7).toString('base64url');
const hourMs = 3_600_000;
const settings = {
  origins: [origin],
  audiences: [audience],
  sessions: { carriage: 'bearer', unbound: 'allow' },
  limits: false,
} as const;

let parent: string;
let folders = 0;
let opened: TestAuth[] = [];
const newFolder = () => join(parent, `${folders++}`);
const open = async (options: Partial<OpenZkpAuthOptions>): Promise<TestAuth> => {
  const auth = asTestAuth(await openZkpAuth({ ...settings, ...options }));
  opened.push(auth);
  return auth;
};
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
/** Run a script in a process of its own. It must end by itself. */
const run = async (script: string, ...args: string[]) => {
  const flags = ['--input-type=module', '--eval', script, ...args];
  return (await promisify(execFile)(process.execPath, flags, { cwd: room, timeout: 60_000 })).stdout.trim();
};

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'zkp-auth-open-'));
});
const closeAll = async () => {
  vi.useRealTimers();
  await Promise.all(opened.map((auth) => auth.close()));
  opened = [];
};
afterEach(closeAll);
afterAll(() => rmSync(parent, { recursive: true }));

describe('openZkpAuth in a folder', () => {
  it('makes the folder on first start, for its owner alone, with all that must last', async () => {
    const folder = join(newFolder(), 'deep', 'data');
    await open({ folder });
    expect(modeOf(folder)).toBe('700');
    const names = readdirSync(folder);
    expect(names.filter((name) => !/-(?:wal|shm)$/.test(name))).toEqual([
      'pin-secrets.json',
      'signing-keys.json',
      'zkp-auth.db',
    ]);
    expect(names.map((name) => modeOf(join(folder, name)))).toEqual(names.map(() => '600'));
  });

  it('closes to others what was open to them in a folder that was there before', async () => {
    const folder = mkdtempSync(join(parent, 'there-'));
    writeFileSync(join(folder, 'zkp-auth.db'), '');
    chmodSync(join(folder, 'zkp-auth.db'), 0o644);
    chmodSync(folder, 0o755);
    await open({ folder });
    expect(readdirSync(folder).map((name) => modeOf(join(folder, name)))).not.toContain('644');
  });

  it('loses nothing over a restart: users, sessions, and tries at PINs', async () => {
    const folder = newFolder();
    const before = await open({ folder });
    const alice = await registerWithPin(before, 'alice', pin);
    const { session } = await loginWithPin(before, alice, pin);
    expect((await guess(before, alice, 'wrong')).attemptsLeft).toBe(9);
    const keys = before.jwks();
    await before.close();
    // SQLite removes these files when the last connection is closed.
    expect(readdirSync(folder).filter((name) => /-(?:wal|shm)$/.test(name))).toEqual([]);

    const after = await open({ folder });
    expect(after.jwks()).toEqual(keys);
    expect(await after.verifyAccessToken(session.token)).toMatchObject({ userId: 'alice' });
    expect((await guess(after, alice, 'wrong again')).attemptsLeft).toBe(8);
  });

  it('starts no server without its PIN secrets, and makes no others', async () => {
    const folder = newFolder();
    const before = await open({ folder });
    await registerWithPin(before, 'alice', pin);
    await before.close();
    rmSync(join(folder, 'pin-secrets.json'));
    await expect(open({ folder })).rejects.toMatchObject({ code: 'PIN_SECRET_MISSING' });
    expect(readdirSync(folder)).not.toContain('pin-secrets.json');
    expect(readdirSync(folder)).not.toContain('zkp-auth.db-wal');
  });

  it('is in a backup that the documented script makes while it runs', async () => {
    const [folder, backup] = [newFolder(), newFolder()];
    const auth = await open({ folder });
    const alice = await registerWithPin(auth, 'alice', pin);
    await run(documentedCode('backups', 'One folder', 'js'), 'back-up.mjs', folder, backup);
    expect(readdirSync(backup)).toEqual(['pin-secrets.json', 'signing-keys.json', 'zkp-auth.db']);
    expect(modeOf(join(backup, 'zkp-auth.db'))).toBe('600');
    await registerWithPin(auth, 'bob', pin);

    const restored = await open({ folder: backup });
    expect((await loginWithPin(restored, alice, pin)).session.userId).toBe('alice');
    expect(await restored.listCredentials('bob')).toEqual([]);
  });

  it('takes the options of createZkpAuth, and lets tokens live as long as they say', async () => {
    const events: string[] = [];
    const auth = await open({
      folder: newFolder(),
      accessTokenTtlMs: 2 * hourMs,
      onEvent: ({ type }) => void events.push(type),
    });
    const alice = await registerWithPin(auth, 'alice', pin);
    expect(events).toContain('registered');
    expect((await loginWithPin(auth, alice, pin)).session.expiresInMs).toBe(2 * hourMs);
  });

  it('holds no process: one that has nothing else to do ends', async () => {
    const script = `
      const { openZkpAuth } = await import('@zkp-auth/server');
      const auth = await openZkpAuth({ origins: ['https://app.example'], folder: process.argv[1] });
      console.log(auth.jwks().keys.length);`;
    expect(await run(script, newFolder())).toBe('2');
  });

  it.each(['kysely', 'better-sqlite3'])('says what to install if %s is missing', async (missing) => {
    const script = `
      const { registerHooks } = await import('node:module');
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier !== process.argv[2]) return next(specifier, context);
          throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
        },
      });
      const { openZkpAuth } = await import('@zkp-auth/server');
      await openZkpAuth({ origins: ['https://app.example'], folder: process.argv[1] }).catch((error) =>
        console.log(error.name + ': ' + error.message));`;
    const folder = newFolder();
    expect(await run(script, folder, missing)).toMatch(/^TypeError: .*npm install .*better-sqlite3$/);
    expect(() => statSync(folder)).toThrow('ENOENT');
  });
});

describe('options that cannot work', () => {
  const bad: [string, () => Record<string, unknown>, RegExp][] = [
    ['no folder and no stores', () => ({}), /pass a folder.*or stores/],
    ['a folder that is no text', () => ({ folder: 1 }), /^folder: pass the path/],
    ['an empty folder', () => ({ folder: '' }), /^folder: pass the path/],
    ['a folder and stores', () => ({ folder: newFolder(), stores: {} }), /not both/],
    [
      'stores that were not awaited',
      () => ({ stores: openSqliteStores('').catch(() => 0) }),
      /await openPostgresStores/,
    ],
    [
      'stores without PINs',
      () => ({ stores: { credentials: {}, sessions: {} } }),
      /^stores\.pins is missing/,
    ],
    ['no origins', () => ({ origins: undefined, folder: newFolder() }), /^origins must name/],
    ['a wrong origin', () => ({ origins: ['app.example'], folder: newFolder() }), /^origins: "app\.example"/],
    ['keys of one’s own', () => ({ keys: {}, folder: newFolder() }), /^keys: openZkpAuth makes it/],
    ['a PIN assistance', () => ({ pinAssistance: false, folder: newFolder() }), /^pinAssistance: openZkp/],
    ['a Redis that is none', () => ({ redis: {}, folder: newFolder() }), /^redis: pass a connection/],
    ['an expiry of 0', () => ({ forgetExpiredEveryMs: 0, folder: newFolder() }), /^forgetExpiredEveryMs/],
    [
      'an expiry of months',
      () => ({ forgetExpiredEveryMs: 1e10, folder: newFolder() }),
      /at most 2147483647/,
    ],
    ['a limit that is none', () => ({ limits: { registrations: 1 }, folder: newFolder() }), /^limits\./],
    ['a master key that is no text', () => ({ masterKey: 1, folder: newFolder() }), /^masterKey: pass 32/],
    [
      'a ring that rotates too often',
      () => ({ keyRing: { rotateEveryMs: 1 }, folder: newFolder() }),
      /^rotateEveryMs/,
    ],
  ];

  it.each(bad)(
    '%s: is a TypeError that says what to pass, and nothing is made',
    async (_, options, message) => {
      const before = readdirSync(parent);
      const opening = openZkpAuth({ ...settings, ...options() } as unknown as OpenZkpAuthOptions);
      await expect(opening).rejects.toThrow(message);
      await expect(opening).rejects.toBeInstanceOf(TypeError);
      expect(readdirSync(parent)).toEqual(before);
    },
  );

  it('no options at all: is a TypeError too', async () => {
    await expect(openZkpAuth(undefined as never)).rejects.toThrow(/pass options/);
  });

  it('a folder that is a file, or cannot be made: is a TypeError that names it', async () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    for (const folder of [file, join(file, 'data')]) {
      const opening = open({ folder });
      await expect(opening).rejects.toBeInstanceOf(TypeError);
      await expect(opening).rejects.toThrow(`folder: ${folder} cannot be used`);
    }
  });
});

describe('expiry', () => {
  const shortLived = { sessions: { ...settings.sessions, idleTtlMs: 60_000, graceMs: 0 } };

  it('deletes by a timer what nobody can use any more, and close ends that', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let nowMs = Date.now();
    const stores = await openSqliteStores<{ zkp_sessions: object }>(newFolder());
    const auth = await open({ stores, now: () => nowMs, forgetExpiredEveryMs: 10 * hourMs, ...shortLived });
    const rows = async () => (await stores.db.selectFrom('zkp_sessions').selectAll().execute()).length;
    await registerWithPin(auth, 'alice', pin);
    nowMs += hourMs;
    expect(await rows()).toBe(1);
    vi.advanceTimersByTime(10 * hourMs);
    await expect.poll(rows).toBe(0);
    await auth.close();
    await stores.close();
  });

  it('never runs twice at once, tells onError of a failure, and goes on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stores = await openSqliteStores(newFolder());
    const runs: PromiseWithResolvers<number>[] = [];
    const forgetExpired = () => {
      const run = Promise.withResolvers<number>();
      runs.push(run);
      return run.promise;
    };
    const sessions = Object.assign(Object.create(stores.sessions) as typeof stores.sessions, {
      forgetExpired,
    });
    const told: unknown[] = [];
    const auth = await open({ stores: { ...stores, sessions }, onError: (error) => void told.push(error) });
    vi.advanceTimersByTime(3 * hourMs);
    expect(runs).toHaveLength(1);
    runs[0]!.reject(new Error('no disk'));
    await expect.poll(() => told).toEqual([expect.objectContaining({ code: 'STORE_UNAVAILABLE' })]);
    vi.advanceTimersByTime(hourMs);
    expect(runs).toHaveLength(2);

    const closed = vi.fn();
    const closing = auth.close().then(closed);
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).not.toHaveBeenCalled();
    runs[1]!.resolve(0);
    await closing;
    vi.advanceTimersByTime(3 * hourMs);
    expect(runs).toHaveLength(2);
    await stores.close();
  });

  it('is left to the application by false', async () => {
    const stores = await openSqliteStores(newFolder());
    const forgetExpired = vi.spyOn(stores.sessions, 'forgetExpired');
    await open({ stores, forgetExpiredEveryMs: false });
    expect(forgetExpired).not.toHaveBeenCalled();
    await stores.close();
  });
});

describe('close', () => {
  it('may be called twice, and says to later calls that it was called', async () => {
    const auth = await open({ folder: newFolder() });
    expect(auth.close()).toBe(auth.close());
    await auth.close();
    const body = { purpose: 'login', userId: 'alice' };
    for (const call of [
      auth.calls.challenge(body),
      auth.listSessions('alice'),
      auth.forgetExpiredSessions(),
    ]) {
      await expect(call).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('auth.close()'),
      });
    }
    expect(auth.jwks().keys).toHaveLength(2);
  });

  it('leaves open the stores that it was given', async () => {
    const stores = await openSqliteStores(newFolder());
    await (await open({ stores })).close();
    expect(await stores.credentials.list('alice')).toEqual([]);
    await stores.close();
    await expect(stores.credentials.list('alice')).rejects.toThrow();
  });
});

describe('openZkpAuth over PostgreSQL and Redis', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  });
  afterAll(async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  });
  const pools: Pool[] = [];
  const newPool = async (database: string) => {
    await postgres.open(database);
    const pool = new Pool({ ...postgres.config(database), max: 4 });
    pools.push(pool);
    return pool;
  };
  afterEach(async () => {
    // This hook runs before the one of the file, and an open server still uses its pool.
    await closeAll();
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
  });

  it('keeps nothing but challenges and limits in Redis, and closes neither it nor the pool', async () => {
    const connection = redis.connect();
    const pool = await newPool('auth');
    const stores = await openPostgresStores(pool);
    const auth = await open({ stores, redis: connection, masterKey, redisPrefix: 'mine:' });
    const alice = await registerWithPin(auth, 'alice', pin);
    await connection.flushall();
    expect((await loginWithPin(auth, alice, pin)).session.userId).toBe('alice');
    await auth.calls.challenge({ purpose: 'login', userId: 'alice', credentialId: alice.credentialId });
    const keys = await connection.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^mine:challenge:/)]);
    await auth.close();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(await connection.ping()).toBe('PONG');
  });

  it('seals the key ring and the PIN secrets: without a master key it makes and opens neither', async () => {
    const pool = await newPool('sealed');
    const stores = await openPostgresStores<{ zkp_key_rings: object; zkp_pin_secrets: object }>(pool);
    const rows = async () =>
      JSON.stringify([
        await stores.db.selectFrom('zkp_key_rings').selectAll().execute(),
        await stores.db.selectFrom('zkp_pin_secrets').selectAll().execute(),
      ]);
    const before = await rows();
    vi.stubEnv('ZKP_AUTH_MASTER_KEY', undefined);
    await expect(open({ stores })).rejects.toMatchObject({ code: 'MASTER_KEY_MISSING' });
    expect(await rows()).toBe(before);
    vi.stubEnv('ZKP_AUTH_MASTER_KEY', masterKey);
    await open({ stores });
    vi.unstubAllEnvs();
    expect(await rows()).not.toMatch(/\\"(?:d|secret)\\":/);
    await expect(open({ stores, masterKey: masterKey.replace('B', 'C') })).rejects.toMatchObject({
      code: 'KEY_FILE_INVALID',
    });
  });

  it('draws under a new PIN secret once it is started again, and old PINs open all the same', async () => {
    const openStores = async () => openPostgresStores(await newPool('grown'));
    const start = async () => open({ stores: await openStores(), masterKey });
    const before = await start();
    const alice = await registerWithPin(before, 'alice', pin);
    const { pinSecrets } = await openStores();
    const env = { ZKP_AUTH_MASTER_KEY: masterKey };
    expect((await addPinSecret({ secretStore: pinSecrets, encrypt: true, env })).all).toHaveLength(2);
    const [one, other] = [await start(), await start()];
    expect((await loginWithPin(other, alice, pin)).session.userId).toBe('alice');
    const bob = await registerWithPin(one, 'bob', pin);
    expect((await loginWithPin(other, bob, pin)).session.userId).toBe('bob');
  });

  it('reports a lost connection once, however often the pool is set up', async () => {
    const pool = await newPool('auth');
    const told: unknown[] = [];
    const onError = (error: unknown) => void told.push(error);
    await openPostgresStores(pool, { onError });
    await openPostgresStores(pool, { onError });
    pool.emit(
      'error',
      new Error('terminated'),
      await pool.connect().then((client) => (client.release(), client)),
    );
    expect(told).toHaveLength(1);
  });

  it('refuses what is no pool', async () => {
    await expect(openPostgresStores({} as never)).rejects.toThrow(/pass a Pool of pg/);
  });
});
