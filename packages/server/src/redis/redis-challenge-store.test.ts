import { generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/redis-server.js';
import { createTestAuth, login, proofBody, register } from '../../test/test-client.js';
import { generateSigningKeys, InMemoryCredentialStore } from '../index.js';
import { testChallengeStore } from '../testing/index.js';
import { RedisChallengeStore } from './redis-challenge-store.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe('RedisChallengeStore on a real redis-server, two connections', () => {
  testChallengeStore(it, async () => [
    new RedisChallengeStore(server.connect()),
    new RedisChallengeStore(server.connect()),
  ]);

  it('takes one round trip each way, on one key that expires by itself', async () => {
    const [redis, monitor] = [server.connect(), await server.connect().monitor()];
    const commands: string[][] = [];
    monitor.on('monitor', (_time: string, args: string[]) => commands.push(args));
    const store = new RedisChallengeStore(redis, { prefix: 'p:' });
    await store.set('id', new Uint8Array(40), 5_000);
    expect(await redis.pttl('p:id')).toBeGreaterThan(0);
    await store.consumeIfLive('id');
    await redis.ping();
    monitor.disconnect();
    const names = commands.filter((args) => args[1] === 'p:id').map(([name]) => name?.toLowerCase());
    expect(names).toEqual(['set', 'pttl', 'getdel']);
  });

  it('two server processes share challenges: one issues, the other verifies', async () => {
    const credentials = new InMemoryCredentialStore();
    const ring = await generateSigningKeys();
    const [a, b] = await Promise.all(
      [server.connect(), server.connect()].map((redis) =>
        createTestAuth({ keys: ring, stores: { challenges: new RedisChallengeStore(redis), credentials } }),
      ),
    );
    const keys = generateKeyPair();
    await register(a!, 'alice', { keys });
    await expect(
      login({ ...a!, calls: { ...a!.calls, verify: b!.calls.verify } }, 'alice', { keys }),
    ).resolves.toBeDefined();
  });

  it('a registration that comes again after Redis has forgotten it is not answered as a clash', async () => {
    const redis = server.connect();
    const auth = await createTestAuth({
      stores: { challenges: new RedisChallengeStore(redis), credentials: new InMemoryCredentialStore() },
    });
    // A client that reads USER_ID_TAKEN discards the key that was registered.
    const body = await proofBody(auth.calls.challenge, 'register', 'alice');
    await new Promise((resolve) => setTimeout(resolve, 2));
    await auth.calls.register(body);
    await redis.flushall();
    await expect(auth.calls.register(body)).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    await expect(register(auth, 'alice')).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
  });

  it('a full Redis keeps no new challenge, and gives those that it has', async () => {
    const redis = server.connect();
    const auth = await createTestAuth({
      stores: { challenges: new RedisChallengeStore(redis), credentials: new InMemoryCredentialStore() },
    });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const full = () => redis.config('SET', 'maxmemory', 1);
    try {
      await expect(login(auth, 'alice', { keys, meanwhile: full })).resolves.toBeDefined();
      await expect(login(auth, 'alice', { keys })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    } finally {
      await redis.config('SET', 'maxmemory', 0);
    }
    await expect(login(auth, 'alice', { keys })).resolves.toBeDefined();
  });

  it('a dropped connection is STORE_UNAVAILABLE, and the next login works', async () => {
    const redis = server.connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    await new Promise((resolve) => redis.once('ready', resolve));
    const auth = await createTestAuth({
      stores: { challenges: new RedisChallengeStore(redis), credentials: new InMemoryCredentialStore() },
    });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    redis.disconnect(true);
    await expect(login(auth, 'alice', { keys })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await new Promise((resolve) => redis.once('ready', resolve));
    await expect(login(auth, 'alice', { keys })).resolves.toBeDefined();
  });
});
