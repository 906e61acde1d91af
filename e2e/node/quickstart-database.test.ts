import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseFile, openDatabase } from '../../examples/quickstart/server/open-database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkp-auth-database-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);
/** The modes of the database, and of the files that SQLite keeps beside it. */
const modes = (data: string): Record<string, string> =>
  Object.fromEntries(readdirSync(data).map((name) => [name, modeOf(join(data, name))]));

const closed = { [databaseFile]: '600', [`${databaseFile}-shm`]: '600', [`${databaseFile}-wal`]: '600' };

describe('the quickstart’s database', () => {
  it('is its owner’s alone, and so is its folder', async () => {
    const data = join(folder, 'data');
    const db = await openDatabase(data);
    expect(modeOf(data)).toBe('700');
    expect(modes(data)).toEqual(closed);
    await db.destroy();
  });

  it('is so in a folder that was there before, open to others', async () => {
    chmodSync(folder, 0o777);
    const db = await openDatabase(folder);
    expect(modes(folder)).toEqual(closed);
    await db.destroy();
  });

  it('is so where it was there before, readable by others', async () => {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, databaseFile), '');
    chmodSync(join(folder, databaseFile), 0o644);
    const db = await openDatabase(folder);
    expect(modes(folder)).toEqual(closed);
    await db.destroy();
  });
});
