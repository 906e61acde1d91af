import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../test/redis-server.js';
import { sessionTag } from '../sessions/session-id.js';
import type { StoredSession } from '../stores/session-store.js';
import { testSessionStore } from '../testing/index.js';
import { dayMs, newSession, newSpending, startMs } from '../testing/sample-session.js';
import { RedisSessionStore } from './redis-session-store.js';

const ofAlice = (change: Partial<StoredSession> = {}) =>
  newSession({ userId: 'alice', deviceName: 'Phone', ...change });

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe('RedisSessionStore on a real redis-server, two connections', () => {
  let stores: RedisSessionStore[];
  beforeAll(() => {
    stores = [1, 2].map(() => new RedisSessionStore(server.connect()));
  });
  testSessionStore(it, async () => stores);
});

describe('RedisSessionStore over connections that read numbers as text', () => {
  testSessionStore(it, async () =>
    [1, 2].map(() => new RedisSessionStore(server.connect({ stringNumbers: true }))),
  );
});

describe('RedisSessionStore', () => {
  let redis: Redis;
  let key: string;
  let store: RedisSessionStore;
  let other: RedisSessionStore;
  let prefixes = 0;
  beforeAll(() => {
    redis = server.connect();
  });
  beforeEach(() => {
    const prefix = `test-${prefixes++}:`;
    key = `${prefix}{${sessionTag('alice')}}`;
    [store, other] = [redis, server.connect()].map((client) => new RedisSessionStore(client, { prefix })) as [
      RedisSessionStore,
      RedisSessionStore,
    ];
  });

  /** Run `act` between the read and the write of a call. */
  const meanwhile = (act: () => Promise<unknown>) => {
    const hmget = redis.hmget.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(redis, 'hmget').mockImplementationOnce((async (...args: unknown[]) => {
      const found = await hmget(...args);
      await act();
      return found;
    }) as never);
  };
  const fields = async () => (await redis.hkeys(key)).filter((field) => field !== 'epoch').toSorted();

  it('sends one command for keys of one slot in all but a refresh, which sends two', async () => {
    const [session, sibling] = [ofAlice(), ofAlice()];
    const monitor = await server.connect().monitor();
    const commands: string[][] = [];
    monitor.on('monitor', (_time: string, args: string[], source: string) => {
      if (source !== 'lua') commands.push(args);
    });
    const sent = async (call: Promise<unknown>) => {
      await call;
      await redis.ping();
      await vi.waitFor(() => expect(commands.at(-1)?.[0]).toBe('ping'));
      const calls = commands.splice(0).slice(0, -1);
      for (const [name, ...args] of calls) {
        if (name === 'eval') expect(args.slice(1, 4)).toEqual(['2', key, `${key}:used`]);
        else expect(args[0]).toBe(key);
      }
      return calls.map(([name]) => name);
    };
    expect(await sent(store.create(session))).toEqual(['eval']);
    expect(await sent(store.find(session.sessionId))).toEqual(['hmget']);
    expect(await sent(store.spend(session.sessionId, newSpending(session.refreshHash)))).toEqual([
      'hmget',
      'eval',
    ]);
    expect(await sent(store.create(sibling))).toEqual(['eval']);
    expect(await sent(store.list('alice'))).toEqual(['eval']);
    expect(await sent(store.endOfCredential('alice', sibling.credentialId))).toEqual(['eval']);
    expect(await sent(store.endAll('alice', session.sessionId))).toEqual(['eval']);
    expect(await sent(store.end(session.sessionId))).toEqual(['eval']);
    monitor.disconnect();
  });

  it('keeps a user’s sessions as long as the longest of them lasts, whatever the clock says', async () => {
    const lasting = (days: number) => ofAlice({ endsAtMs: startMs + days * dayMs });
    const ttl = async () => Math.ceil((await redis.pttl(key)) / dayMs);
    await store.create(lasting(3));
    expect(await ttl()).toBe(3);
    const long = lasting(30);
    await store.create(long);
    expect(await ttl()).toBe(30);
    await store.create(lasting(3));
    await store.spend(long.sessionId, newSpending(long.refreshHash));
    await store.endAll('alice', long.sessionId);
    expect(await ttl()).toBe(30);
  });

  it('an end between the reading and the writing of a refresh is final', async () => {
    const ends = [
      (sessionId: string) => other.end(sessionId),
      () => other.endAll('alice'),
      () => other.endAll('alice', ofAlice().sessionId),
      () => redis.del(key),
      () => redis.hdel(key, 'epoch'),
    ];
    for (const end of ends) {
      for (const write of ['spend', 'move']) {
        const session = ofAlice();
        await store.create(session);
        meanwhile(() => end(session.sessionId));
        if (write === 'move') expect(await store.moveTo(session.sessionId, 'other')).toBe(false);
        else
          expect(await store.spend(session.sessionId, newSpending(session.refreshHash))).toEqual({
            kind: 'gone',
          });
        expect(await store.find(session.sessionId)).toBeNull();
      }
    }
  });

  it('the session that is kept is refreshed and moved though all others end meanwhile', async () => {
    const session = ofAlice();
    await store.create(session);
    meanwhile(() => other.endAll('alice', session.sessionId));
    expect((await store.spend(session.sessionId, newSpending(session.refreshHash))).kind).toBe('spent');
    meanwhile(() => other.endAll('alice', session.sessionId));
    expect(await store.moveTo(session.sessionId, session.credentialId)).toBe(true);
    expect(await store.find(session.sessionId)).toMatchObject({
      spentTokens: [{ hash: session.refreshHash }],
    });
  });

  it('a refresh does not undo a move that came between, nor the other way round', async () => {
    const [session, { credentialId }] = [ofAlice(), ofAlice()];
    await store.create(session);
    const spending = newSpending(session.refreshHash);
    meanwhile(() => other.moveTo(session.sessionId, credentialId));
    await store.spend(session.sessionId, spending);
    expect(await store.find(session.sessionId)).toMatchObject({
      credentialId,
      refreshHash: spending.nextHash,
    });
    const next = { ...spending, presentedHash: spending.nextHash, nextHash: session.refreshHash };
    meanwhile(() => other.spend(session.sessionId, next));
    await store.moveTo(session.sessionId, session.credentialId);
    const { credentialId: moved, refreshHash } = session;
    expect(await store.find(session.sessionId)).toMatchObject({ credentialId: moved, refreshHash });
  });

  it('a hash that was lost never comes back to an epoch it had: what is put back is dead', async () => {
    const session = ofAlice();
    await store.create(session);
    const value = (await redis.hget(key, session.sessionId)) as string;
    for (const lose of [() => redis.del(key), () => redis.hdel(key, 'epoch')]) {
      await lose();
      expect(await store.find(session.sessionId)).toBeNull();
      const next = ofAlice();
      await store.create(next);
      await redis.hset(key, session.sessionId, value);
      for (let ends = 0; ends < 3; ends++) {
        expect(await store.find(session.sessionId)).toBeNull();
        expect(await store.end(session.sessionId)).toBe(false);
        await redis.hset(key, session.sessionId, value);
        expect(await store.list('alice')).toEqual([next]);
        await store.endAll('alice', next.sessionId);
      }
    }
  });

  it('a login clears away what has expired or ended, and nothing that is live', async () => {
    const [expired, live] = [ofAlice({ expiresAtMs: startMs }), ofAlice({ createdAtMs: startMs + 1 })];
    await store.create(expired);
    await store.create(live);
    expect(await fields()).toEqual([live.sessionId]);
    const [kept, next] = [ofAlice({ expiresAtMs: startMs }), ofAlice()];
    await store.create(kept);
    await store.endAll('alice', kept.sessionId);
    await store.create(next);
    expect(await fields()).toEqual([kept.sessionId, next.sessionId].toSorted());
    expect(await store.list('alice')).toHaveLength(2);
  });

  it('ending the sessions of somebody who has none takes up no room', async () => {
    await store.endAll('alice');
    await store.endAll('alice', ofAlice().sessionId);
    await store.end(ofAlice().sessionId);
    await store.endOfCredential('alice', ofAlice().credentialId);
    expect(await redis.exists(key)).toBe(0);
  });

  it.each([
    ['nothing', () => ''],
    ['no header', (value: string) => value.slice(value.indexOf('{'))],
    ['half of it', (value: string) => value.slice(0, -20)],
    ['no JSON', (value: string) => value.replace('"userId"', 'userId')],
    ['another user', (value: string) => value.replace('alice', 'mallory')],
    ['another expiry', (value: string) => value.replace(/ \d+ /, ' 99999999999999999999 ')],
    ['no credential', (value: string) => value.replace(/(?<= )[\w-]{22}(?= )/, 'x')],
    ['no end', (value: string) => value.replace('endsAtMs', 'endAtMs')],
    ['no name', (value: string) => value.replace('"Phone"', '5')],
    ['no key', (value: string) => value.replace('sessionKey', 'key')],
    ['no hash', (value: string) => value.replace('refreshHash', 'hash')],
  ])('a damaged value (%s) is an error, never a live session', async (_, damage) => {
    const session = ofAlice();
    await store.create(session);
    const value = (await redis.hget(key, session.sessionId)) as string;
    expect(damage(value)).not.toBe(value);
    await redis.hset(key, session.sessionId, damage(value));
    await expect(store.find(session.sessionId)).rejects.toThrow(/damaged/);
    await expect(store.list('alice')).rejects.toThrow(/damaged/);
    await expect(store.spend(session.sessionId, newSpending(session.refreshHash))).rejects.toThrow(/damaged/);
    await store.end(session.sessionId);
    expect(await store.find(session.sessionId)).toBeNull();
  });

  it('a full Redis ends sessions in every way, and keeps no new one', async () => {
    const [ended, lost, kept, last] = [ofAlice(), ofAlice(), ofAlice(), ofAlice()];
    for (const session of [ended, lost, kept, last]) await store.create(session);
    await redis.config('SET', 'maxmemory', 1);
    try {
      await expect(store.create(ofAlice())).rejects.toThrow(/OOM/);
      await expect(store.spend(kept.sessionId, newSpending(kept.refreshHash))).rejects.toThrow(/OOM/);
      await expect(store.moveTo(kept.sessionId, 'other')).rejects.toThrow(/OOM/);
      expect(await store.find(kept.sessionId)).toEqual(kept);
      expect(await store.end(ended.sessionId)).toBe(true);
      expect(await store.endOfCredential('alice', lost.credentialId)).toEqual([lost.sessionId]);
      await store.endAll('alice', kept.sessionId);
      expect(await store.list('alice')).toEqual([kept]);
      expect(await store.find(last.sessionId)).toBeNull();
      await store.endAll('alice');
      expect(await store.find(kept.sessionId)).toBeNull();
    } finally {
      await redis.config('SET', 'maxmemory', 0);
    }
    const next = ofAlice();
    await store.create(next);
    expect(await store.list('alice')).toEqual([next]);
  });

  it('a Redis that fails is an error, never a session that is gone', async () => {
    const failing = server.connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    await new Promise((resolve) => failing.once('ready', resolve));
    failing.disconnect();
    const without = new RedisSessionStore(failing);
    const { sessionId } = ofAlice();
    await expect(without.find(sessionId)).rejects.toThrow();
    await expect(without.end(sessionId)).rejects.toThrow();
    await expect(without.endAll('alice')).rejects.toThrow();
    await expect(without.create(ofAlice())).rejects.toThrow();
  });
});
