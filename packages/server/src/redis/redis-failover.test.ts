import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { runInNewContext } from 'node:vm';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { documentedCode } from '../../test/documented-code.js';
import { type RedisServer, startRedis } from '../../test/redis-server.js';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { InMemoryPinStore } from '../index.js';
import { newSession } from '../testing/sample-session.js';
import { sampleTry } from '../testing/sample-try.js';
import { RedisChallengeStore } from './redis-challenge-store.js';
import { RedisPinStore } from './redis-pin-store.js';
import { RedisSessionStore } from './redis-session-store.js';

const folder = createSqliteFolder();
const address = folder.path('redis.sock');
let servers: RedisServer[];
let primary: RedisServer;
let proxy: Server;

beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis()]);
  primary = servers[0]!;
  // One address for the present primary. Open connections stay with the server that they have.
  proxy = createServer((client) => {
    const server = connect(primary.path);
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => undefined);
  }).listen(address);
  await once(proxy, 'listening');
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  proxy.close();
  await folder.remove();
});

/** The options of ioredis in docs/guides/postgres-and-redis.md. */
function documentedOptions(): Pick<RedisOptions, 'reconnectOnError'> {
  const [, literal] =
    /new Redis\([^{]*(\{[^]*?\n\})\);/.exec(documentedCode('postgres-and-redis', 'Redis')) ?? [];
  return runInNewContext(`(${literal})`) as ReturnType<typeof documentedOptions>;
}

/** Make the primary a replica, and the other server the primary. */
async function failOver(): Promise<void> {
  const [next] = servers.filter((server) => server !== primary) as [RedisServer];
  await next.connect().call('REPLICAOF', 'NO', 'ONE');
  // Makes it a replica of a server that does not exist, so that it keeps its data and is read-only.
  await primary.connect().call('REPLICAOF', '127.0.0.1', '1');
  primary = next;
}

describe('a failover behind one address', () => {
  it('is over with the next connection, which ioredis makes by itself with the documented options', async () => {
    const redis = new Redis({ ...documentedOptions(), path: address });
    redis.on('error', () => undefined);
    await once(redis, 'ready');
    const challenges = new RedisChallengeStore(redis);
    const sessions = new RedisSessionStore(redis);
    const pins = new RedisPinStore(redis, new InMemoryPinStore());
    const pin = { pinHash: 'hash', userId: 'alice', credentialId: 'c', secretId: 's', enrolledAtMs: 1 };
    await pins.enrol(pin);
    await challenges.set('before', new Uint8Array(40), 60_000);
    const session = newSession();
    await sessions.create(session);

    const writes: (() => Promise<unknown>)[] = [
      () => challenges.set('id', new Uint8Array(40), 60_000),
      () => challenges.consumeIfLive('id'),
      () => sessions.create(newSession()),
      () => sessions.endAll(session.userId),
    ];
    for (const write of writes) {
      await failOver();
      await expect(write()).rejects.toThrow(/READONLY/);
      await vi.waitFor(write, 10_000);
      expect((await pins.takeTry('hash', sampleTry(), 1)).kind).toBe('counted');
    }
    expect(await redis.call('INFO', 'replication')).toContain('role:master');
    redis.disconnect();
  });
});
