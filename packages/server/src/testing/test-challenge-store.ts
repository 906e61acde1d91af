import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChallengeMarks, ChallengeStore } from '../stores/challenge-store.js';
import type { RegisterTest } from './contract.js';

/**
 * The contract of {@link ChallengeStore} as tests, and the contract of its marks if it has any.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives stores over the same data, more than one if the engine has several clients.
 *
 * @example
 * ```ts
 * describe('my store', () => testChallengeStore(it, async () => [new MyStore(a), new MyStore(b)]));
 * ```
 */
export function testChallengeStore(test: RegisterTest, open: () => Promise<readonly ChallengeStore[]>): void {
  const record = (): Uint8Array => randomBytes(200);
  const bytes = (value: Uint8Array | null): string | null => value && Buffer.from(value).toString('hex');
  const first = async (): Promise<ChallengeStore> => {
    const [store] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    return store;
  };

  test('gives the bytes back once, unchanged', async () => {
    const store = await first();
    const [id, kept] = [randomUUID(), record()];
    await store.set(id, kept, 10_000);
    assert.equal(bytes(await store.consumeIfLive(id)), bytes(kept));
    assert.equal(await store.consumeIfLive(id), null);
  });

  test('keeps no view on the bytes of the caller', async () => {
    const store = await first();
    const [id, kept] = [randomUUID(), record()];
    const before = bytes(kept);
    await store.set(id, kept, 10_000);
    kept.fill(0);
    assert.equal(bytes(await store.consumeIfLive(id)), before);
  });

  test('gives null for an id it never saw', async () => {
    assert.equal(await (await first()).consumeIfLive(randomUUID()), null);
  });

  test('gives nothing after its time', async () => {
    const store = await first();
    const id = randomUUID();
    await store.set(id, record(), 30);
    await sleep(80);
    assert.equal(await store.consumeIfLive(id), null);
  });

  test('replaces an entry of the same id', async () => {
    const store = await first();
    const [id, second] = [randomUUID(), record()];
    await store.set(id, record(), 10_000);
    await store.set(id, second, 10_000);
    assert.equal(bytes(await store.consumeIfLive(id)), bytes(second));
  });

  test('keeps entries apart', async () => {
    const store = await first();
    const entries = Array.from({ length: 20 }, () => [randomUUID(), record()] as const);
    await Promise.all(entries.map(([id, kept]) => store.set(id, kept, 10_000)));
    const taken = await Promise.all(entries.map(([id]) => store.consumeIfLive(id)));
    assert.deepEqual(
      taken.map(bytes),
      entries.map(([, kept]) => bytes(kept)),
    );
  });

  test('lets exactly one of many racing callers have it', async () => {
    const stores = await open();
    for (let round = 0; round < 20; round++) {
      const [id, kept] = [randomUUID(), record()];
      await (stores[0] as ChallengeStore).set(id, kept, 10_000);
      const racers = Array.from({ length: 32 }, (_, i) => stores[i % stores.length] as ChallengeStore);
      const taken = await Promise.all(racers.map((store) => store.consumeIfLive(id)));
      assert.deepEqual(taken.filter((value) => value !== null).map(bytes), [bytes(kept)]);
    }
  });

  const marksOf = async (): Promise<ChallengeMarks[]> =>
    (await open()).flatMap(({ marks }) => (marks === undefined ? [] : [marks]));

  test('marks a challenge as used once', async () => {
    for (const marks of await marksOf()) {
      const [id, expiresAtMs] = [randomUUID(), marks.now() + 10_000];
      assert.equal(await marks.markUsed(id, expiresAtMs), true);
      assert.equal(await marks.markUsed(id, expiresAtMs), false);
      assert.equal(await marks.markUsed(randomUUID(), expiresAtMs), true);
    }
  });

  test('marks no challenge as used that has expired', async () => {
    for (const marks of await marksOf()) {
      assert.equal(await marks.markUsed(randomUUID(), marks.now()), false);
      const [id, expiresAtMs] = [randomUUID(), marks.now() + 30];
      await marks.markUsed(id, expiresAtMs);
      await sleep(80);
      assert.equal(await marks.markUsed(id, expiresAtMs), false);
    }
  });

  test('lets exactly one of many racing callers mark a challenge as used', async () => {
    const all = await marksOf();
    const [clock] = all;
    if (clock === undefined) return;
    for (let round = 0; round < 20; round++) {
      const id: string = randomUUID();
      const expiresAtMs: number = clock.now() + 10_000;
      const racers = Array.from({ length: 32 }, (_, i) => all[i % all.length] as ChallengeMarks);
      const marked = await Promise.all(racers.map((marks) => marks.markUsed(id, expiresAtMs)));
      assert.equal(marked.filter((isFirst) => isFirst).length, 1);
    }
  });

  test('issues under a key of 32 bytes, if it has one, that no other store has', async () => {
    const keys = [...(await marksOf()), ...(await marksOf())].map((marks) => marks.issuingKey?.());
    for (const [n, key] of keys.entries()) {
      if (key === undefined) continue;
      assert.equal(key.symmetricKeySize, 32);
      assert.ok(keys.every((other, m) => m === n || other?.equals(key) !== true));
    }
  });
}
