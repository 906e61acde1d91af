import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { KeyRingStore, StoredRing } from '../keys/key-ring-store.js';
import type { RegisterTest } from './contract.js';

/**
 * The contract of {@link KeyRingStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives two stores of the ring with this name, as two processes have them. Each name is a new ring.
 *
 * @example
 * ```ts
 * describe('my store', () => testKeyRingStore(it, (name) => [new MyStore(a, name), new MyStore(b, name)]));
 * ```
 */
export function testKeyRingStore(
  test: RegisterTest,
  open: (name: string) => readonly [KeyRingStore, KeyRingStore],
): void {
  const openNew = (): readonly [KeyRingStore, KeyRingStore] => open(randomUUID());

  test('gives back what was put there last, to every process', async () => {
    const [one, other] = openNew();
    assert.equal(await one.read(), null);
    assert.equal(await one.replace(null, 'first'), true);
    const first = await ringIn(other);
    assert.equal(first.content, 'first');
    assert.equal(await other.replace(first.version, 'secönd\n'), true);
    const second = await ringIn(one);
    assert.equal(second.content, 'secönd\n');
    assert.notEqual(second.version, first.version);
  });

  test('replaces nothing but the version that was read, so that no key of another process is lost', async () => {
    const [one, other] = openNew();
    assert.equal(await one.replace(1, 'out of nothing'), false);
    assert.equal(await one.read(), null);
    await one.replace(null, 'first');
    const { version } = await ringIn(one);
    assert.equal(await other.replace(null, 'again'), false);
    assert.equal(await other.replace(version + 1, 'of the future'), false);
    await one.replace(version, 'second');
    assert.equal(await other.replace(version, 'late'), false);
    assert.equal((await ringIn(other)).content, 'second');
  });

  test('of racing callers exactly one makes the ring, and one at a time replaces it', async () => {
    const stores = openNew();
    let version: number | null = null;
    for (let round = 0; round < 4; round++) {
      const contents = Array.from({ length: 12 }, (_, n) => `content ${round}.${n}`);
      const won = await Promise.all(
        contents.map((content, n) => (n % 2 === 0 ? stores[0] : stores[1]).replace(version, content)),
      );
      const winners = contents.filter((_, n) => won[n]);
      assert.equal(winners.length, 1);
      const stored = await ringIn(stores[0]);
      assert.equal(stored.content, winners[0]);
      ({ version } = stored);
    }
  });
}

async function ringIn(store: KeyRingStore): Promise<StoredRing> {
  const ring = await store.read();
  assert.ok(ring !== null, 'the store has lost the ring');
  return ring;
}
