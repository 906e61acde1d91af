import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { KeyRingStore } from '../src/index.js';

/** What every store of a ring keeps to. `open` gives several of one new ring each time, as processes would have. */
export function testKeyRingStore(open: (name: string) => readonly [KeyRingStore, KeyRingStore]): void {
  const openNew = () => open(randomUUID());

  it('gives back what was put there last, to every process', async () => {
    const [one, other] = openNew();
    expect(await one.read()).toBeNull();
    expect(await one.replace(null, 'first')).toBe(true);
    const first = (await other.read())!;
    expect(first.content).toBe('first');
    expect(await other.replace(first.version, 'secönd\n')).toBe(true);
    const second = (await one.read())!;
    expect(second.content).toBe('secönd\n');
    expect(second.version).not.toBe(first.version);
  });

  it('replaces nothing but the version that was read, so that no key of another process is lost', async () => {
    const [one, other] = openNew();
    expect(await one.replace(1, 'out of nothing')).toBe(false);
    expect(await one.read()).toBeNull();
    await one.replace(null, 'first');
    const { version } = (await one.read())!;
    expect(await other.replace(null, 'again')).toBe(false);
    expect(await other.replace(version + 1, 'of the future')).toBe(false);
    await one.replace(version, 'second');
    expect(await other.replace(version, 'late')).toBe(false);
    expect((await other.read())!.content).toBe('second');
  });

  it('of racing callers exactly one makes the ring, and one at a time replaces it', async () => {
    const stores = openNew();
    let version: number | null = null;
    for (let round = 0; round < 4; round++) {
      const contents = Array.from({ length: 12 }, (_, n) => `content ${round}.${n}`);
      const won = await Promise.all(contents.map((content, n) => stores[n % 2]!.replace(version, content)));
      const winners = contents.filter((_, n) => won[n]);
      expect(winners).toHaveLength(1);
      const stored = (await stores[0].read())!;
      expect(stored.content).toBe(winners[0]);
      ({ version } = stored);
    }
  });
}
