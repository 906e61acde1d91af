import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { migrateSqlStores, SqlKeyRingStore } from '../sql/index.js';
import { FileKeyRingStore } from './file-key-ring-store.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import { testKeyRingStore } from '../testing/index.js';

const folder = createSqliteFolder();
const open = () => folder.open<unknown>('rings.db');
beforeAll(() => migrateSqlStores(open()));
afterAll(() => folder.remove());

describe('InMemoryKeyRingStore', () => {
  testKeyRingStore(it, () => {
    const store = new InMemoryKeyRingStore();
    return [store, store];
  });
});

describe('FileKeyRingStore, two of one file', () => {
  testKeyRingStore(it, (name) => {
    const path = folder.path(`${name}.json`);
    return [new FileKeyRingStore(path), new FileKeyRingStore(path)];
  });
});

describe('SqlKeyRingStore on SQLite, two connections', () => {
  testKeyRingStore(it, (name) => [
    new SqlKeyRingStore(open(), { name }),
    new SqlKeyRingStore(open(), { name }),
  ]);

  it('rings of two names in one database do not touch each other', async () => {
    const [one, other] = ['one', 'other'].map((name) => new SqlKeyRingStore(open(), { name }));
    await one!.replace(null, 'a');
    expect(await other!.read()).toBeNull();
    expect(await other!.replace(1, 'b')).toBe(false);
    expect(await other!.replace(null, 'b')).toBe(true);
    expect(await new SqlKeyRingStore(open()).read()).toBeNull();
    expect((await one!.read())!.content).toBe('a');
  });
});
