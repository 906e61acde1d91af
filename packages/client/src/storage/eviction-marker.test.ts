import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEvictionMarker } from './eviction-marker.js';

const alice = { userId: 'alice', audience: 'https://api.example' };
const bob = { ...alice, userId: 'bob' };

function fakeLocalStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (item: string) => items.get(item) ?? null,
    setItem: (item: string, value: string) => void items.set(item, value),
    removeItem: (item: string) => void items.delete(item),
  } as Storage;
}

const loseLocalStorage = (): void => void vi.stubGlobal('localStorage', fakeLocalStorage());
const loseIndexedDB = (): void => void vi.stubGlobal('indexedDB', new IDBFactory());
const forbid = (name: string) => (): void => {
  const refused = (): never => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  vi.stubGlobal(name, { getItem: refused, setItem: refused, removeItem: refused, open: refused });
};

beforeEach(() => {
  loseLocalStorage();
  loseIndexedDB();
});
afterEach(() => vi.unstubAllGlobals());

describe('the marker of a key that was here', () => {
  it.each([
    ['localStorage, as a crash does', loseLocalStorage],
    ['IndexedDB, as an eviction does', loseIndexedDB],
  ])('outlives the loss of %s, and is put back there', async (_, lose) => {
    await openEvictionMarker().set(alice);
    lose();
    const marker = openEvictionMarker();
    expect(await marker.has(alice)).toBe(true);
    expect(await marker.has(bob)).toBe(false);
    await marker.mend(alice);
    (lose === loseLocalStorage ? loseIndexedDB : loseLocalStorage)();
    expect(await openEvictionMarker().has(alice), 'both had it again').toBe(true);
  });

  it('is gone from both when the person forgets the key', async () => {
    const marker = openEvictionMarker();
    await marker.set(alice);
    await marker.clear(alice);
    expect(await openEvictionMarker().has(alice)).toBe(false);
  });

  it('is gone where both are lost', async () => {
    await openEvictionMarker().set(alice);
    loseLocalStorage();
    loseIndexedDB();
    expect(await openEvictionMarker().has(alice)).toBe(false);
  });

  it.each(['localStorage', 'indexedDB'])('fails no call if the browser forbids %s', async (place) => {
    forbid(place)();
    const marker = openEvictionMarker();
    await marker.set(alice);
    expect(await marker.has(alice)).toBe(true);
    await marker.mend(alice);
    await marker.clear(alice);
    expect(await marker.has(alice)).toBe(false);
    vi.unstubAllGlobals();
    for (const each of ['localStorage', 'indexedDB']) forbid(each)();
    const nowhere = openEvictionMarker();
    await nowhere.set(alice);
    expect(await nowhere.has(alice)).toBe(false);
  });
});
