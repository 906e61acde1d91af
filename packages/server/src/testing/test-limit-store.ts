import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitCounter, LimitStore } from '../limits/limit-store.js';
import type { RegisterTest } from './contract.js';

const limit = { max: 3, perMs: 60_000 };
const shortLimit = { max: 1, perMs: 1_000 };
const longestKey = 256;

/**
 * The contract of {@link LimitStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives stores over the same data, more than one if the engine has several clients.
 *
 * @example
 * ```ts
 * describe('my limits', () => testLimitStore(it, async () => [new MyLimits(a), new MyLimits(b)]));
 * ```
 */
export function testLimitStore(test: RegisterTest, open: () => Promise<readonly LimitStore[]>): void {
  const counters = async (opened = limit): Promise<[LimitCounter, ...LimitCounter[]]> => {
    const [store, ...others] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    return [store.open('logins', opened), ...others.map((other) => other.open('logins', opened))];
  };
  const first = async (opened = limit): Promise<LimitCounter> => (await counters(opened))[0];
  const useUp = async (counter: LimitCounter, key: string): Promise<void> => {
    for (let n = 0; n < limit.max; n++) assert.equal(await counter.take(key), 0);
  };

  test('lets as many through as the limit says, and tells the rest how long to wait', async () => {
    const [counter, key] = [await first(), randomUUID()];
    await useUp(counter, key);
    const waitMs = await counter.take(key);
    assert.ok(Number.isInteger(waitMs) && waitMs >= 1 && waitMs <= limit.perMs, `waits ${waitMs} ms`);
  });

  test('counts each key for itself, however long it is', async () => {
    const [counter, key] = [await first(), randomUUID().padEnd(longestKey - 1, '-')];
    await useUp(counter, `${key}a`);
    assert.equal(await counter.take(`${key}b`), 0);
    assert.ok((await counter.take(`${key}a`)) > 0);
  });

  test('counts each limit for itself', async () => {
    const [store] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    const [logins, others] = [store.open('logins', limit), store.open('others', limit)];
    const key = randomUUID();
    await useUp(logins, key);
    assert.equal(await others.take(key), 0);
  });

  test('of 200 uses that race lets exactly as many through, over all stores', async () => {
    const [all, key] = [await counters(), randomUUID()];
    const waits = await Promise.all(
      Array.from({ length: 200 }, (_, n) => (all[n % all.length] as LimitCounter).take(key)),
    );
    assert.equal(waits.filter((waitMs) => waitMs === 0).length, limit.max);
  });

  test('does not make the wait longer for those who ask again', async () => {
    const [counter, key] = [await first(), randomUUID()];
    await useUp(counter, key);
    let before = Infinity;
    for (let n = 0; n < 50; n++) {
      const waitMs = await counter.take(key);
      assert.ok(waitMs <= before, `waits ${waitMs} ms after ${before} ms`);
      before = waitMs;
    }
  });

  test('takes a use back, and never lets more through than the limit says', async () => {
    const [counter, key] = [await first(), randomUUID()];
    if (counter.giveBack === undefined) return;
    await useUp(counter, key);
    await counter.giveBack(key);
    assert.equal(await counter.take(key), 0);
    assert.ok((await counter.take(key)) > 0);
    const other = randomUUID();
    await counter.giveBack(other);
    await useUp(counter, other);
    assert.ok((await counter.take(other)) > 0, 'a use that was never counted was taken back');
  });

  test('begins a new window at the end of one', async () => {
    const [counter, key] = [await first(shortLimit), randomUUID()];
    assert.equal(await counter.take(key), 0);
    const waitMs = await counter.take(key);
    assert.ok(waitMs > 0, 'the second use was let through');
    await sleep(waitMs + 50);
    assert.equal(await counter.take(key), 0);
  });

  test('forgets a key', async () => {
    const [counter, keys] = [await first(), [randomUUID(), randomUUID()] as const];
    if (counter.forget === undefined) return;
    for (const key of keys) await useUp(counter, key);
    await counter.forget(keys[0]);
    assert.equal(await counter.take(keys[0]), 0);
    assert.ok((await counter.take(keys[1])) > 0);
  });
}
