import { checkedInteger } from '../checked-integer.js';
import { defaultLimits, type Limit, type LimitName } from './default-limits.js';
import type { LimitStore } from './limit-store.js';

/** Each limit by its name, with other numbers, or `false` to turn it off. Omitted numbers keep their default. */
export type LimitOptions = { [name in LimitName]?: Partial<Limit> | false } & {
  /** Counts the uses; default `new InMemoryLimitStore()`, which is for one process. */
  store?: LimitStore;
};

const names = Object.keys(defaultLimits) as LimitName[];

/** The longest delay of a Node.js timer, in whole days. */
const longestWindowMs = 24 * 86_400_000;

/**
 * The enabled limits.
 *
 * @throws `TypeError` for options that cannot work.
 */
export function checkedLimits(options: LimitOptions | false = {}): Map<LimitName, Limit> {
  if (options === false) return new Map();
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      'limits: pass an object such as { registrationsByAddress: { max: 100, perMs: 3_600_000 } }, or false to turn all limits off',
    );
  }
  const stray = Object.keys(options).find((name) => name !== 'store' && !names.includes(name as LimitName));
  if (stray !== undefined)
    throw new TypeError(`limits.${stray} is no limit: the names are ${names.join(', ')}`);
  requireStore(options.store);
  return new Map(
    names.flatMap((name) => {
      const limit = options[name];
      return limit === false ? [] : [[name, checkedLimit(name, limit)]];
    }),
  );
}

function checkedLimit(name: LimitName, limit: Partial<Limit> = {}): Limit {
  if (typeof limit !== 'object' || limit === null)
    throw new TypeError(`limits.${name}: pass { max, perMs }, or false to turn it off`);
  const { max, perMs } = { ...defaultLimits[name], ...definedOf(limit) };
  checkedInteger(`limits.${name}.max`, max, 1);
  if (!Number.isSafeInteger(perMs) || perMs % 1000 !== 0 || perMs < 1000 || perMs > longestWindowMs) {
    throw new TypeError(
      `limits.${name}.perMs must be whole seconds in milliseconds, from 1000 to ${longestWindowMs} (24 days)`,
    );
  }
  return { max, perMs };
}

function definedOf({ max, perMs }: Partial<Limit>): Partial<Limit> {
  return { ...(max === undefined ? {} : { max }), ...(perMs === undefined ? {} : { perMs }) };
}

function requireStore(store: LimitStore | undefined): void {
  if (store === undefined || typeof store?.open === 'function') return;
  throw new TypeError(
    'limits.store: pass "new RedisLimitStore(redis)" for several processes, or leave it out and count in memory',
  );
}
