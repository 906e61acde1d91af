import { type FileHandle, link, lstat, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from './file-lock.js';
import { refuseIfOpenToOthers } from './private-file-mode.js';
import { placeOf } from './private-file-place.js';
import type { PrivateFile } from './private-file.js';
import { systemErrorCode } from './system-error.js';
import { removeLeftovers, writeBeside } from './write-beside.js';

/** What `link` says on volumes without hard links, such as FAT and network shares; `EISDIR` is Windows's. */
const cannotLink: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'EISDIR',
]);

/**
 * The text of a private file, `null` if there is no file.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if others may read it, or put another file in its place.
 */
export async function readPrivateFile(file: PrivateFile): Promise<string | null> {
  const { path } = await placeOf(file);
  const handle = await openIfThere(path);
  if (handle === null) return null;
  try {
    refuseIfOpenToOthers(file, await handle.stat());
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/**
 * Make a private file, whole, and its folder if that is missing. Of several processes that do so at once, one makes it.
 *
 * @returns its text, which is another process's if that was first.
 */
export async function createPrivateFile(file: PrivateFile, text: string): Promise<string> {
  await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
  await placeOf(file);
  await writeBeside(file, text, (temporary) => placeIfAbsent(temporary, file.path));
  const created = await readPrivateFile(file);
  if (created === null) throw new Error('the file was removed while it was made');
  return created;
}

/**
 * Put another text in a private file: after a crash it holds the one or the other, whole. One process at a time does so. The
 * file behind a link is replaced, and the link stays.
 *
 * @param isExpected asked of its text when the new one is written and only has to take its place.
 * @returns whether it did.
 */
export async function replacePrivateFile(
  file: PrivateFile,
  text: string,
  isExpected: (current: string | null) => boolean,
): Promise<boolean> {
  const place = await placeOf(file);
  return withFileLock(lockOf(place.path), async (isHeld) => {
    let replaced = false;
    await removeLeftovers(place.path);
    await writeBeside(place, text, async (temporary) => {
      replaced = isExpected(await readPrivateFile(place)) && (await isHeld());
      if (replaced) await rename(temporary, place.path);
    });
    return replaced;
  });
}

/** A link takes no place that is taken. A rename does, so it needs a look and a lock in front of it. */
async function placeIfAbsent(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return;
    if (!cannotLink.has(code)) throw error;
    await withFileLock(lockOf(path), async (isHeld) => {
      if (!(await isThere(path)) && (await isHeld())) await rename(temporary, path);
    });
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function lockOf(path: string): string {
  return `${path}.lock`;
}
