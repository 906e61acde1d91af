import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { type RedisServer, startRedis } from '../../test/redis-server.js';
import { InMemoryPinStore } from '../index.js';
import { migrateSqlStores, SqlPinStore } from '../sql/index.js';
import { testPinStore } from '../testing/index.js';
import { sampleTry } from '../testing/sample-try.js';
import { RedisPinStore } from './redis-pin-store.js';

const sqlite = createSqliteFolder();
const hourMs = 3_600_000;
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  await Promise.all([server.stop(), sqlite.remove()]);
});

const pin = { pinHash: 'hash', userId: 'alice', credentialId: 'c', secretId: 's', enrolledAtMs: 1 };
let prefixes = 0;

/** A store over a record in memory, with keys of its own. */
async function openPin(redis: Redis = server.connect()) {
  const prefix = `test-${prefixes++}:`;
  const record = new InMemoryPinStore();
  const store = new RedisPinStore(redis, record, { prefix });
  await store.enrol(pin);
  let nowMs = 0;
  const take = async (through = store) =>
    (await through.takeTry('hash', sampleTry(), (nowMs += hourMs))).kind;
  return { store, record, redis, key: `${prefix}hash`, take };
}

describe('RedisPinStore on a real redis-server before SQLite, two connections to Redis', () => {
  let stores: RedisPinStore[];
  beforeAll(async () => {
    const db = sqlite.open<unknown>('record.db');
    await migrateSqlStores(db);
    stores = [1, 2].map(() => new RedisPinStore(server.connect(), new SqlPinStore(db)));
  });
  testPinStore(it, async () => stores);
});

describe('RedisPinStore', () => {
  it('ends a flood before the record: of 64 racing tries no more than ten write there', async () => {
    const { store, record, take } = await openPin();
    const counted = vi.spyOn(record, 'takeTry');
    await Promise.all(Array.from({ length: 64 }, () => take()));
    expect(counted).toHaveBeenCalledTimes(10);
    for (let tries = 0; tries < 20; tries++) expect(await take()).toBe('locked');
    expect(counted).toHaveBeenCalledTimes(10);
    expect(await store.find('hash')).toMatchObject({ tries: 10 });
  });

  it('uses one key for one pin, which expires by itself', async () => {
    const { redis, key, take } = await openPin();
    await take();
    expect(await redis.get(key)).toBe('9');
    expect(await redis.pttl(key)).toBeGreaterThan(50_000);
    await take();
    expect(await redis.get(key)).toBe('8');
    expect(await redis.pttl(key)).toBeGreaterThan(50_000);
  });

  it('flushed at any moment, or holding anything, it never gives a try more', async () => {
    const { redis } = await openPin();
    const act = fc.constantFrom('take', 'take', 'take', 'flush', 'lie', 'junk', 'zero');
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 20, maxLength: 60 }),
        fc.boolean(),
        async (acts, atOnce) => {
          const { key, take, record } = await openPin(redis);
          let counted = 0;
          const perform = async (what: string) => {
            if (what === 'take') {
              const kind = await take();
              if (kind === 'counted') counted++;
            } else if (what === 'flush') await redis.del(key);
            else await redis.set(key, what === 'lie' ? '1000' : what === 'zero' ? '0' : 'junk');
          };
          if (atOnce) await Promise.all(acts.map(perform));
          else for (const what of acts) await perform(what);
          expect(counted).toBeLessThanOrEqual(10);
          expect(await record.find('hash')).toMatchObject({ tries: counted });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('where Redis holds fewer tries than the record it asks to wait a second, and then is right', async () => {
    const { redis, key, take, store } = await openPin();
    await redis.set(key, '0');
    expect(await store.takeTry('hash', sampleTry(), 1)).toMatchObject({ kind: 'wait', retryAfterMs: 1_000 });
    expect(await take()).toBe('counted');
  });

  it('a Redis that fails is passed by, and the record alone counts to ten', async () => {
    const redis = server.connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    await new Promise((resolve) => redis.once('ready', resolve));
    const { store, take } = await openPin(redis);
    expect(await take()).toBe('counted');
    redis.disconnect();
    const tried = sampleTry();
    expect((await store.takeTry('hash', tried, 2 * hourMs)).kind).toBe('counted');
    for (let tries = 0; tries < 8; tries++) expect(await take()).toBe('counted');
    expect(await take()).toBe('locked');
    expect(await store.giveBackTry('hash', 'c', tried.questionHash)).toBe(true);
    expect(await take()).toBe('counted');
    expect(await store.grantTries('c', 3)).toBe(1);
    expect(await take()).toBe('counted');
    expect(await store.retire('hash', 'c', 1)).toBe(true);
    expect(await take()).toBe('retired');
    await store.withdraw('hash');
    expect(await take()).toBe('unknown');
  });

  it.each(['before', 'after'])(
    'a Redis that is full from %s the first try on gives no try more',
    async (when) => {
      const { redis, store, take } = await openPin();
      const tried = sampleTry();
      const first = async () => (await store.takeTry('hash', tried, 2 * hourMs)).kind;
      const counted = when === 'after' ? [await first()] : [];
      await redis.config('SET', 'maxmemory', 1);
      try {
        if (when === 'before') counted.push(await first());
        while (counted.length < 10) counted.push(await take());
        expect(counted).toEqual(counted.map(() => 'counted'));
        expect(await take()).toBe('locked');
        expect(await store.giveBackTry('hash', 'c', tried.questionHash)).toBe(true);
        expect(await take()).toBe('counted');
        expect(await store.grantTries('c', 3)).toBe(1);
        for (let tries = 0; tries < 3; tries++) expect(await take()).toBe('counted');
        expect(await take()).toBe('locked');
        expect(await store.retire('hash', 'c', 1)).toBe(true);
        expect(await take()).toBe('retired');
      } finally {
        await redis.config('SET', 'maxmemory', 0);
      }
    },
  );

  it('a record that fails is an error, and costs no try that it did not count', async () => {
    const { record, take } = await openPin();
    const fault = new Error('disk full');
    vi.spyOn(record, 'takeTry').mockRejectedValueOnce(fault);
    await expect(take()).rejects.toBe(fault);
    for (let tries = 0; tries < 10; tries++) expect(await take()).toBe('counted');
    expect(await take()).toBe('locked');
  });

  it('a question that is asked again takes no try of the gate’s, and is answered where the gate holds none', async () => {
    const { store, redis, key, take } = await openPin();
    const tried = sampleTry();
    for (let n = 0; n < 12; n++) await store.takeTry('hash', tried, hourMs);
    expect(await redis.get(key)).toBe('9');
    for (let n = 0; n < 9; n++) expect(await take()).toBe('counted');
    expect(await take()).toBe('locked');
    expect((await store.takeTry('hash', tried, hourMs)).kind).toBe('repeated');
    expect(await store.giveBackTry('hash', 'c', tried.questionHash)).toBe(true);
    expect(await take()).toBe('counted');
  });

  it('ids that nobody enrolled take up no room', async () => {
    const { store, redis, key } = await openPin();
    for (let n = 0; n < 20; n++) {
      expect(await store.takeTry(`unknown-${n}`, sampleTry(), 1)).toEqual({ kind: 'unknown' });
    }
    expect(await redis.keys(`${key.slice(0, -4)}*`)).toEqual([]);
  });

  it.each([0, -1, 0.5, NaN])('a lifetime of %s is misuse', (ttlMs) => {
    expect(() => new RedisPinStore(server.connect(), new InMemoryPinStore(), { ttlMs })).toThrow(TypeError);
  });
});
