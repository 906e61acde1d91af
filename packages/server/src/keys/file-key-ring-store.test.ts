import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { lutimes, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileKeyRingStore } from './file-key-ring-store.js';
import { withFileLock } from '../files/file-lock.js';

let parent: string;
let folder: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'zkp-auth-ring-file-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(parent, 'case-'));
});
afterAll(() => rm(parent, { recursive: true }));

const fileIn = () => join(folder, 'keys.json');
const lockIn = () => `${fileIn()}.lock`;
/** Leave a file as if a process had been killed an hour ago. */
const leave = async (path: string) => {
  await writeFile(path, 'private');
  await utimes(path, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
};

async function newStore() {
  const store = new FileKeyRingStore(fileIn());
  await store.replace(null, 'first');
  return { store, version: (await store.read())!.version };
}

describe('FileKeyRingStore', () => {
  it('a lock that a killed process left stops rotation for seconds, not for good', async () => {
    const { store, version } = await newStore();
    await leave(lockIn());
    expect(await store.replace(version, 'second')).toBe(true);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  it('reads on while another process holds the lock, and waits for it to replace', async () => {
    const { store, version } = await newStore();
    let replacing: Promise<boolean> | undefined;
    await withFileLock(lockIn(), async () => {
      replacing = store.replace(version, 'second');
      expect((await store.read())!.content).toBe('first');
      await expect(Promise.race([replacing, store.read()])).resolves.toMatchObject({ content: 'first' });
    });
    expect(await replacing).toBe(true);
  });

  it('replaces nothing once another process has taken its lock over', async () => {
    const { store, version } = await newStore();
    const replacing = store.replace(version, 'second');
    const held = () => readFile(lockIn(), 'utf8').catch(() => '');
    while ((await held()).length < 36) await immediate();
    writeFileSync(lockIn(), 'another');
    expect(await replacing).toBe(false);
    expect((await store.read())!.content).toBe('first');
    expect(await held()).toBe('another');
  });

  it('removes the private keys that a killed process left beside it, and nothing of another file or process', async () => {
    const { store, version } = await newStore();
    const [left, written, ofAnother] = [randomUUID(), randomUUID(), randomUUID()];
    await leave(`${fileIn()}.${left}.tmp`);
    const kept = [
      `other.json.${left}.tmp`,
      'keys.json.backup.tmp',
      `keys.json.old.${left}.tmp`,
      `keys.json.${left}.tmp.tmp`,
      `keys.json.${left.toUpperCase()}.tmp`,
    ];
    for (const name of kept) await leave(join(folder, name));
    await symlink('other.json', join(folder, `keys.json.${ofAnother}.tmp`));
    await lutimes(join(folder, `keys.json.${ofAnother}.tmp`), 0, 0);
    await writeFile(`${fileIn()}.${written}.tmp`, 'being written');
    await store.replace(version, 'second');
    expect((await readdir(folder)).toSorted()).toEqual(
      ['keys.json', `keys.json.${written}.tmp`, `keys.json.${ofAnother}.tmp`, ...kept].toSorted(),
    );
  });

  it('says that the file cannot be used where it cannot', async () => {
    await writeFile(join(folder, 'file'), '');
    const store = new FileKeyRingStore(join(folder, 'file', 'keys.json'));
    const invalid = expect.objectContaining({ code: 'KEY_FILE_INVALID' });
    await expect(store.read()).rejects.toEqual(invalid);
    await expect(store.replace(null, 'x')).rejects.toEqual(invalid);
    await expect(store.replace(1, 'x')).rejects.toEqual(invalid);
  });
});

describe('withFileLock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    const most: number[] = [];
    const enter = () =>
      withFileLock(lockIn(), async () => {
        most.push(++inside);
        await readdir(folder);
        inside--;
      });
    await Promise.all(Array.from({ length: 8 }, enter));
    expect(most).toEqual(Array.from({ length: 8 }, () => 1));
  });

  it('gives the lock back when the work fails', async () => {
    await expect(withFileLock(lockIn(), () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await readdir(folder)).toEqual([]);
  });

  it('whoever slept while the lock was taken over finds out, and leaves the other’s lock alone', async () => {
    await withFileLock(lockIn(), async (isHeld) => {
      expect(await isHeld()).toBe(true);
      await writeFile(lockIn(), 'another');
      expect(await isHeld()).toBe(false);
      await rm(lockIn());
      expect(await isHeld()).toBe(false);
      await writeFile(lockIn(), 'another');
    });
    expect(await readFile(lockIn(), 'utf8')).toBe('another');
  });
});
