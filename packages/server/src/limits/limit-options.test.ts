import { describe, expect, it } from 'vitest';
import { createTestAuth } from '../../test/test-client.js';
import { defaultLimits } from './default-limits.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import { checkedLimits, type LimitOptions } from './limit-options.js';

describe('limits', () => {
  it('all of the table are on, unless somebody says otherwise', () => {
    const { countedBy: _, ...registrations } = defaultLimits.registrationsByAddress;
    for (const options of [undefined, {}, { store: new InMemoryLimitStore() }]) {
      const limits = checkedLimits(options);
      expect([...limits.keys()]).toEqual(Object.keys(defaultLimits));
      expect(limits.get('registrationsByAddress')).toEqual(registrations);
    }
  });

  it('each is off by false, and all are', () => {
    expect(checkedLimits(false).size).toBe(0);
    for (const name of Object.keys(defaultLimits) as (keyof typeof defaultLimits)[]) {
      const limits = checkedLimits({ [name]: false });
      expect(limits.has(name)).toBe(false);
      expect(limits.size).toBe(Object.keys(defaultLimits).length - 1);
    }
  });

  it('one number can be set without the other', () => {
    const { max, perMs } = defaultLimits.keyRotationsByUser;
    expect(checkedLimits({ keyRotationsByUser: { max: 3 } }).get('keyRotationsByUser')).toEqual({
      max: 3,
      perMs,
    });
    const day = checkedLimits({ keyRotationsByUser: { perMs: 86_400_000 } });
    expect(day.get('keyRotationsByUser')).toEqual({ max, perMs: 86_400_000 });
  });

  it.each<[string, unknown, string]>([
    ['true', true, 'limits: pass an object'],
    ['null', null, 'limits: pass an object'],
    ['a name that is none', { registrations: { max: 1 } }, 'limits.registrations is no limit: the names are'],
    ['a number', { keyRotationsByUser: 5 }, 'limits.keyRotationsByUser: pass { max, perMs }'],
    ['true for one', { keyRotationsByUser: true }, 'limits.keyRotationsByUser: pass { max, perMs }'],
    [
      'none at all',
      { keyRotationsByUser: { max: 0 } },
      'limits.keyRotationsByUser.max must be an integer >= 1',
    ],
    ['parts', { keyRotationsByUser: { max: 1.5 } }, 'limits.keyRotationsByUser.max must be an integer >= 1'],
    ['half a second', { keyRotationsByUser: { perMs: 1_500 } }, 'must be whole seconds in milliseconds'],
    [
      'seconds for milliseconds',
      { keyRotationsByUser: { perMs: 60 } },
      'must be whole seconds in milliseconds',
    ],
    ['a month', { keyRotationsByUser: { perMs: 30 * 86_400_000 } }, 'to 2073600000 (24 days)'],
    [
      'a client of Redis',
      { store: { eval: () => undefined } },
      'limits.store: pass "new RedisLimitStore(redis)"',
    ],
    ['null for a store', { store: null }, 'limits.store: pass "new RedisLimitStore(redis)"'],
  ])('%s does not start', async (_, limits, sentence) => {
    const starting = createTestAuth({ limits: limits as LimitOptions });
    await expect(starting).rejects.toThrow(TypeError);
    await expect(createTestAuth({ limits: limits as LimitOptions })).rejects.toThrow(sentence);
  });

  it('a store for no keys does not start', () => {
    expect(() => new InMemoryLimitStore({ maxKeys: 0 })).toThrow('maxKeys must be an integer >= 1');
  });
});
