import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OpenProcess, type OpenProcessOptions, startOpenProcess } from './open-process.js';
import { loginWithPin, registerWithPin } from './pin-client.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { audience, origin } from './test-client.js';

const masterKey = Buffer.alloc(32, 7).toString('base64url');
const pin = '493817';
const settings = {
  origins: [origin],
  audiences: [audience],
  sessions: { carriage: 'bearer', unbound: 'allow' },
};

let folder: string;
let postgres: PostgresServer;
let redis: RedisServer;
let started: OpenProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkp-auth-open-'));
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterEach(async () => {
  await Promise.all(started.map((process) => process.kill()));
  started = [];
});
afterAll(async () => {
  await Promise.all([postgres.stop(), redis.stop()]);
  rmSync(folder, { recursive: true });
});

/** Several processes that start at once. */
async function startAtOnce(count: number, options: Partial<OpenProcessOptions>): Promise<OpenProcess[]> {
  const starting = Array.from({ length: count }, () => startOpenProcess({ ...settings, ...options }));
  const opened = await Promise.all(starting);
  started.push(...opened);
  return opened;
}

/** A process that answers requests from one address. */
const fromAddress = ({ auth }: OpenProcess, address: string) => ({
  calls: { ...auth.calls, register: (body: unknown) => auth.calls.register(body, { address }) },
});

describe('processes that start at once on an empty database', () => {
  it('make one key ring and one ring of PIN secrets, and are one server from then on, limits included', async () => {
    const db = await postgres.open<{ zkp_pin_secrets: { content: string } }>('empty');
    const shared = { postgres: postgres.config('empty'), redisPath: redis.path, masterKey };
    const limits = { registrationsByAddress: { max: 2, perMs: 3_600_000 } };
    const [one, other, third] = await startAtOnce(3, { ...shared, limits });
    expect(other!.kids).toEqual(one!.kids);
    expect(third!.kids).toEqual(one!.kids);
    const rows = await db.selectFrom('zkp_pin_secrets').selectAll().execute();
    expect(rows.map(({ content }) => content)).toEqual([expect.stringContaining('zkpAuthSealedPinSecrets')]);

    const address = '203.0.113.7';
    const alice = await registerWithPin(fromAddress(one!, address), 'alice', pin);
    const mixed = { calls: { ...other!.auth.calls, verify: third!.auth.calls.verify } };
    expect((await loginWithPin(mixed, alice, pin)).session.userId).toBe('alice');
    await registerWithPin(fromAddress(other!, address), 'bob', pin);
    await expect(registerWithPin(fromAddress(third!, address), 'carol', pin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
  });
});

describe('processes that open one folder at once', () => {
  it('make one of each key, know each other’s users, and refuse each other’s challenges', async () => {
    const [one, other] = await startAtOnce(2, { folder: join(folder, 'shared') });
    expect(other!.kids).toEqual(one!.kids);
    const alice = await registerWithPin(one!.auth, 'alice', pin);
    expect((await loginWithPin(other!.auth, alice, pin)).session.userId).toBe('alice');
    const mixed = { calls: { ...other!.auth.calls, verify: one!.auth.calls.verify } };
    await expect(loginWithPin(mixed, alice, pin)).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
    expect((await loginWithPin(one!.auth, alice, pin)).session.userId).toBe('alice');
  });
});
