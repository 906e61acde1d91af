import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addPinSecret, openKeyFile, openPinSecretFile } from '../../src/index.js';

const invalid = expect.objectContaining({ code: 'KEY_FILE_INVALID' });
const nobody = 65_534;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const inFolder = (...names: string[]) => join(folder, ...names);

/** Each kind of private file, with functions that open and change it, and its text. */
const kinds = [
  [
    'signing key file',
    {
      open: async (path: string) => (await openKeyFile(path)).close(),
      change: async (path: string) => {
        const ring = await openKeyFile(path);
        await ring.rotate({ force: true }).finally(() => ring.close());
      },
    },
  ],
  [
    'PIN secret file',
    { open: async (path: string) => void (await openPinSecretFile(path)), change: addPinSecret },
  ],
] as const;

describe.each(kinds)('a %s', (name, { open, change }) => {
  it.each(['777', '775', '757', '722', '702'])(
    'in a folder of mode %s is not opened, and none is made there',
    async (mode) => {
      await chmod(folder, Number.parseInt(mode, 8));
      const said = new RegExp(`${name} .*others may write to its folder .*mode ${mode}.*chmod go-w`);
      await expect(open(inFolder('file.json'))).rejects.toThrow(said);
      expect(await readdir(folder)).toEqual([]);
      await chmod(folder, 0o700);
      await open(inFolder('file.json'));
      await chmod(folder, Number.parseInt(mode, 8));
      await expect(open(inFolder('file.json'))).rejects.toEqual(invalid);
      await expect(change(inFolder('file.json'))).rejects.toEqual(invalid);
    },
  );

  it.each(['700', '755', '1777', '3775'])('in a folder of mode %s is opened and changed', async (mode) => {
    await chmod(folder, Number.parseInt(mode, 8));
    await open(inFolder('file.json'));
    await change(inFolder('file.json'));
  });

  it('in a folder of its own below one that others may write to is made', async () => {
    await chmod(folder, 0o777);
    await open(inFolder('keys', 'file.json'));
    expect((await stat(inFolder('keys'))).mode & 0o777).toBe(0o700);
  });

  it('behind a link is changed where it is, and the link stays', async () => {
    await mkdir(inFolder('real'), { mode: 0o700 });
    await mkdir(inFolder('links'), { mode: 0o700 });
    const [real, link] = [inFolder('real', 'file.json'), inFolder('links', 'file.json')];
    await open(real);
    await symlink('../real/file.json', link);
    const before = await readFile(real, 'utf8');
    await Promise.all([change(link), change(real), change(link)]);
    expect(await readlink(link)).toBe('../real/file.json');
    expect(await readFile(real, 'utf8')).not.toBe(before);
    expect(await readdir(inFolder('real'))).toEqual(['file.json']);
    expect(await readdir(inFolder('links'))).toEqual(['file.json']);
    expect((await stat(real)).mode & 0o777).toBe(0o600);
  });

  it('behind links of a whole mounted folder is changed there', async () => {
    await mkdir(inFolder('..first'), { mode: 0o700 });
    await open(inFolder('..first', 'file.json'));
    await symlink('..first', inFolder('..data'));
    await symlink('..data/file.json', inFolder('file.json'));
    const before = await readFile(inFolder('file.json'), 'utf8');
    await change(inFolder('file.json'));
    expect(await readlink(inFolder('file.json'))).toBe('..data/file.json');
    expect(await readFile(inFolder('..first', 'file.json'), 'utf8')).not.toBe(before);
  });

  it('behind a link to nothing is not made, as after a mount that failed', async () => {
    await symlink('nowhere.json', inFolder('file.json'));
    await expect(open(inFolder('file.json'))).rejects.toEqual(invalid);
    await expect(open(inFolder('file.json'))).rejects.toThrow('it is a link to a file that is not there');
    expect(await readdir(folder)).toEqual(['file.json']);
  });

  it('behind a link into a folder that others may write to is not opened', async () => {
    await mkdir(inFolder('open'), { mode: 0o700 });
    await open(inFolder('open', 'file.json'));
    await symlink('open/file.json', inFolder('file.json'));
    await chmod(inFolder('open'), 0o777);
    await expect(open(inFolder('file.json'))).rejects.toThrow('others may write to its folder');
  });

  it('that is a pipe does not keep the start waiting', async () => {
    await promisify(execFile)('mkfifo', ['-m', '600', inFolder('file.json')]);
    await expect(open(inFolder('file.json'))).rejects.toThrow('it is not a file');
  });

  it('of another user is not opened, nor one in a folder or behind a link of theirs', async () => {
    await mkdir(inFolder('keys'), { mode: 0o700 });
    const path = inFolder('keys', 'file.json');
    await open(path);
    await chmod(folder, 0o1777);
    await symlink('keys/file.json', inFolder('link.json'));
    // Another account looks at our file, or we look at another account's file.
    const theirs = process.geteuid!() === 0 ? nobody : null;
    if (theirs === null) vi.spyOn(process, 'geteuid').mockReturnValue(nobody);
    else await lchown(inFolder('link.json'), theirs, theirs);
    await expect(open(inFolder('link.json'))).rejects.toThrow(/another user/);
    if (theirs !== null) await chown(inFolder('keys'), theirs, theirs);
    await expect(open(path)).rejects.toThrow(/another user owns its folder/);
    if (theirs === null) return;
    await chown(inFolder('keys'), 0, 0);
    await chown(path, theirs, theirs);
    await expect(open(path)).rejects.toThrow(/belongs to another user \(uid 65534\)/);
  });
});
