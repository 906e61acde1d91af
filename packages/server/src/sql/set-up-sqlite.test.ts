import Database from 'better-sqlite3';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { setUpSqlite } from './set-up-sqlite.js';

const sqlite = createSqliteFolder();
let files = 0;
/** A database that does not wait for locks, so that this thread can release them. */
const open = (path: string) => new Database(path, { timeout: 0 });
const modeOf = (database: Database.Database) => [
  database.pragma('journal_mode', { simple: true }),
  database.pragma('synchronous', { simple: true }),
];

afterAll(() => sqlite.remove());
afterEach(() => vi.restoreAllMocks());

describe('setUpSqlite', () => {
  it('has what was committed survive a loss of power, and readers beside a writer', async () => {
    const path = sqlite.path(`${files++}.db`);
    for (const start of ['first', 'second']) {
      const database = open(path);
      await setUpSqlite(database);
      expect(modeOf(database), start).toEqual(['wal', 2]);
      database.close();
    }
  });

  it('gives what prepares each statement once', async () => {
    const database = open(':memory:');
    const prepare = vi.spyOn(database, 'prepare');
    const reused = await setUpSqlite(database);
    for (let n = 0; n < 3; n++) expect(reused.prepare('select 1 as one').all([])).toEqual([{ one: 1 }]);
    expect(prepare).toHaveBeenCalledTimes(1);
    reused.close();
    expect(database.open).toBe(false);
  });

  it('waits for who has a new file locked, as processes do that start at once', async () => {
    const path = sqlite.path(`${files++}.db`);
    const [first, second] = [open(path), open(path)];
    first.exec('begin exclusive');
    const settled = vi.fn();
    const setUp = setUpSqlite(second).finally(settled);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(settled).not.toHaveBeenCalled();
    first.exec('commit');
    await setUp;
    expect(modeOf(second)).toEqual(['wal', 2]);
    first.close();
    second.close();
  });

  it('gives up after ten seconds', async () => {
    const path = sqlite.path(`${files++}.db`);
    const [first, second] = [open(path), open(path)];
    first.exec('begin exclusive');
    let nowMs = 1_000;
    vi.spyOn(Date, 'now').mockImplementation(() => (nowMs += 2_000));
    await expect(setUpSqlite(second)).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    expect(nowMs).toBeGreaterThanOrEqual(13_000);
    first.close();
    second.close();
  });

  it('says at once what waiting does not mend', async () => {
    const database = open(':memory:');
    database.close();
    const pragma = vi.spyOn(database, 'pragma');
    await expect(setUpSqlite(database)).rejects.toThrow(/not open/);
    expect(pragma).toHaveBeenCalledOnce();
  });
});
