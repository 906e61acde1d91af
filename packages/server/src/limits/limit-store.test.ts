import { fork } from 'node:child_process';
import { once } from 'node:events';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../test/redis-server.js';
import { RedisLimitStore } from '../redis/index.js';
import { testLimitStore } from '../testing/index.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';

const limit = { max: 3, perMs: 60_000 };
let redisServer: RedisServer;
let opened = 0;
beforeAll(async () => void (redisServer = await startRedis()));
afterAll(() => redisServer.stop());

/** A prefix that no other test has. */
const newPrefix = (): string => `limits-${opened++}:`;

describe('InMemoryLimitStore', () => testLimitStore(it, async () => [new InMemoryLimitStore()]));

describe.each([{}, { stringNumbers: true }])('RedisLimitStore, with the options %o', (options) => {
  testLimitStore(it, async () => {
    const prefix = newPrefix();
    return [0, 1].map(() => new RedisLimitStore(redisServer.connect(options), { prefix }));
  });
});

describe('in Redis', () => {
  it('the end of the window begins a new one', async () => {
    const redis = redisServer.connect();
    const prefix = newPrefix();
    const counter = new RedisLimitStore(redis, { prefix }).open('logins', limit);
    for (let n = 0; n < limit.max; n++) await counter.take('alice');
    expect(await counter.take('alice')).toBeGreaterThan(0);
    const [key = ''] = await redis.keys(`${prefix}*`);
    expect(await redis.pttl(key)).toBeGreaterThan(0);
    await redis.pexpire(key, 0);
    expect(await counter.take('alice')).toBe(0);
  });

  it('two processes count as one', async () => {
    const prefix = newPrefix();
    const settings = JSON.stringify({ path: redisServer.path, prefix, limit: { max: 25, perMs: 60_000 } });
    const processes = [0, 1].map(() =>
      fork(new URL('../../test/race-limit.mjs', import.meta.url), [settings]),
    );
    const counts = await Promise.all(
      processes.map(async (child) => {
        const ended = once(child, 'exit');
        const [allowed] = (await once(child, 'message')) as [number];
        await ended;
        return allowed;
      }),
    );
    expect((counts[0] as number) + (counts[1] as number)).toBe(25);
  });
});

describe('in memory', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** Gives a function that counts the keys in the library's limiter. */
  function watchKeys(): () => number {
    const consumed = vi.spyOn(RateLimiterMemory.prototype, 'consume');
    return () => (consumed.mock.contexts[0] as RateLimiterMemory).dump().storage.length;
  }

  it('the end of the window begins a new one', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const counter = new InMemoryLimitStore().open('logins', limit);
    for (let n = 0; n <= limit.max; n++) await counter.take('alice');
    vi.advanceTimersByTime(limit.perMs - 1);
    expect(await counter.take('alice')).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await counter.take('alice')).toBe(0);
  });

  it('a flood of 100 000 keys holds no more than it may, and forgets nobody who has used up the limit', async () => {
    const keys = watchKeys();
    const counter = new InMemoryLimitStore({ maxKeys: 1_000 }).open('logins', limit);
    for (let n = 0; n <= limit.max; n++) await counter.take('attacker');
    for (let n = 0; n < 100_000; n++) await counter.take(`key-${n}`);
    expect(keys()).toBe(1_000);
    expect(await counter.take('attacker')).toBeGreaterThan(0);
  });

  it('a flood of keys that have all used up the limit holds no more than it may, and newcomers go on', async () => {
    const keys = watchKeys();
    const counter = new InMemoryLimitStore({ maxKeys: 100 }).open('logins', { max: 1, perMs: 60_000 });
    for (let n = 0; n < 2_000; n++) {
      await counter.take(`key-${n}`);
      await counter.take(`key-${n}`);
    }
    expect(keys()).toBe(100);
    expect(await counter.take('alice')).toBe(0);
  });

  it('keys whose window has ended take no place', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const keys = watchKeys();
    const counter = new InMemoryLimitStore({ maxKeys: 10 }).open('logins', limit);
    for (let n = 0; n < 10; n++) for (let use = 0; use < 4; use++) await counter.take(`key-${n}`);
    vi.advanceTimersByTime(limit.perMs);
    await counter.take('alice');
    expect(keys()).toBe(1);
  });
});
