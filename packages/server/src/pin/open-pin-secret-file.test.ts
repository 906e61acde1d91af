import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFileLock } from '../files/file-lock.js';
import { addPinSecret, openPinSecretFile } from './open-pin-secret-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-pin-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const invalid = expect.objectContaining({ code: 'KEY_FILE_INVALID' });
const ids = async (path: string) => (await openPinSecretFile(path)).all.map(({ id }) => id);
/** Call a function of this package with a path, in a process of its own. */
const inProcess = async (call: string, path: string): Promise<string> => {
  const script = `import('@zkp-auth/server').then(async (server) =>
    console.log((await server.${call}(process.argv[1])).active.id))`;
  const cwd = new URL('../..', import.meta.url);
  return (await promisify(execFile)(process.execPath, ['-e', script, path], { cwd })).stdout.trim();
};

describe('openPinSecretFile', () => {
  it('makes the file on first start, readable by its owner only, and leaves nothing beside it', async () => {
    const path = join(folder, 'fresh', 'pins.json');
    await openPinSecretFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'fresh'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'fresh'))).toEqual(['pins.json']);
  });

  it('keeps the secrets across restarts', async () => {
    const path = join(folder, 'kept.json');
    expect(await ids(path)).toEqual(await ids(path));
  });

  it('processes that start at once make one secret', async () => {
    const path = join(folder, 'raced.json');
    const made = await Promise.all(Array.from({ length: 4 }, () => inProcess('openPinSecretFile', path)));
    expect(new Set(made).size).toBe(1);
  });

  it('refuses a file that others can read', async () => {
    const path = join(folder, 'open.json');
    await openPinSecretFile(path);
    await chmod(path, 0o644);
    await expect(openPinSecretFile(path)).rejects.toThrow(/PIN secret file .* mode 644.*chmod 600/);
    await expect(addPinSecret(path)).rejects.toEqual(invalid);
  });

  it.each(['', '{"zkpAuthPinSecrets":1,"secrets":[{"id":"', '{"zkpAuthPinSecrets":1,"secrets":[]}', '[]'])(
    'refuses a file that holds %j, and leaves it as it is',
    async (text) => {
      const path = join(folder, 'damaged.json');
      await writeFile(path, text, { mode: 0o600 });
      await expect(openPinSecretFile(path)).rejects.toEqual(invalid);
      await expect(addPinSecret(path)).rejects.toEqual(invalid);
      expect(await readFile(path, 'utf8')).toBe(text);
      expect(await readdir(folder)).not.toContain('damaged.json.lock');
      await rm(path);
    },
  );
});

describe('addPinSecret', () => {
  it('appends a new active secret and keeps the others', async () => {
    const path = join(folder, 'grown', 'pins.json');
    const [before] = await ids(path);
    const { active } = await addPinSecret(path);
    expect(await ids(path)).toEqual([before, active.id]);
    expect((await openPinSecretFile(path)).active.id).toBe(active.id);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'grown'))).toEqual(['pins.json']);
  });

  it('makes no file where there is none', async () => {
    await expect(addPinSecret(join(folder, 'none.json'))).rejects.toEqual(invalid);
    expect(await readdir(folder)).not.toContain('none.json');
  });

  it('of several at once, none loses what another added', async () => {
    const path = join(folder, 'raced-adders.json');
    const [before] = await ids(path);
    const added = await Promise.all([
      ...Array.from({ length: 4 }, () => inProcess('addPinSecret', path)),
      ...Array.from({ length: 4 }, async () => (await addPinSecret(path)).active.id),
    ]);
    const kept = await ids(path);
    expect(kept).toHaveLength(9);
    expect(kept).toEqual(expect.arrayContaining([before, ...added]));
    expect(await readdir(folder)).not.toContain('raced-adders.json.lock');
  });

  it('takes over the lock of a process that was killed, and removes the secrets that it left', async () => {
    const path = join(folder, 'killed', 'pins.json');
    await openPinSecretFile(path);
    const anHourAgo = new Date(Date.now() - 3_600_000);
    for (const left of [`${path}.lock`, `${path}.5f0e1f0e-aaaa-4bbb-8ccc-0123456789ab.tmp`]) {
      await writeFile(left, 'secret');
      await utimes(left, anHourAgo, anHourAgo);
    }
    await addPinSecret(path);
    expect(await ids(path)).toHaveLength(2);
    expect(await readdir(join(folder, 'killed'))).toEqual(['pins.json']);
  });

  it('waits for the process that holds the lock', async () => {
    const path = join(folder, 'held.json');
    await openPinSecretFile(path);
    let adding: Promise<unknown> | undefined;
    await withFileLock(`${path}.lock`, async () => {
      adding = addPinSecret(path);
      expect(await ids(path)).toHaveLength(1);
    });
    await adding;
    expect(await ids(path)).toHaveLength(2);
  });
});

describe('a byte order mark, as editors put it before a file', () => {
  it('does not stop a start, and is gone when a secret is added', async () => {
    const path = join(folder, 'marked.json');
    const before = await ids(path);
    await writeFile(path, `\uFEFF${await readFile(path, 'utf8')}`);
    expect(await ids(path)).toEqual(before);
    await addPinSecret(path);
    expect((await readFile(path, 'utf8')).startsWith('{')).toBe(true);
  });
});
