import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { IndexedDBValues } from './indexeddb-values.js';

let databases = 0;
const newName = (): string => `values-${++databases}`;

/** Ask for a newer version, as a tab of a later release would. */
function upgrade(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 2);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('blocked'));
  });
}

describe('values in IndexedDB', () => {
  it('are kept, listed and deleted by their ids', async () => {
    const name = newName();
    const values = new IndexedDBValues<number>(name);
    await values.put('a', 1);
    await values.put('b', 2);
    await values.delete('a');
    expect([await values.get('a'), await values.get('b'), await values.list()]).toEqual([undefined, 2, [2]]);
    expect(await new IndexedDBValues<number>(name).list()).toEqual([2]);
  });

  it('stay as they were if a change of one throws', async () => {
    const values = new IndexedDBValues<number>(newName());
    await values.put('a', 1);
    const change = values.update('a', () => {
      throw new Error('changed its mind');
    });
    await expect(change).rejects.toThrow('changed its mind');
    expect(await values.get('a')).toBe(1);
  });

  it('are changed one after another, however many tabs change one at once', async () => {
    const name = newName();
    const tabs = Array.from({ length: 8 }, () => new IndexedDBValues<number>(name));
    await Promise.all(tabs.map((values) => values.update('a', (count = 0) => count + 1)));
    expect(await new IndexedDBValues<number>(name).get('a')).toBe(8);
  });

  it('that cannot be stored reject, and nothing changes', async () => {
    const values = new IndexedDBValues<unknown>(newName());
    await values.put('a', 1);
    await expect(values.put('a', () => 1)).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await values.get('a')).toBe(1);
  });

  it('make room for a tab that asks for a newer version', async () => {
    const name = newName();
    const values = new IndexedDBValues<number>(name);
    await values.put('a', 1);
    const newer = await upgrade(name);
    await expect(values.get('a')).rejects.toMatchObject({ name: 'VersionError' });
    newer.close();
  });

  it('are read on a new connection after the one that was open has been closed', async () => {
    const values = new IndexedDBValues<number>(newName());
    const { open } = indexedDB;
    const opened: IDBDatabase[] = [];
    indexedDB.open = (...args) => {
      const request = open.apply(indexedDB, args);
      request.addEventListener('success', () => opened.push(request.result));
      return request;
    };
    await values.put('a', 1);
    for (const database of opened) database.close();
    expect(await values.get('a')).toBe(1);
    opened.at(-1)?.close();
    await values.put('a', 2);
    indexedDB.open = open;
    expect([await values.get('a'), opened.length]).toEqual([2, 3]);
  });
});
