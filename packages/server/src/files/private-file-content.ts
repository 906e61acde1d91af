import { type FileHandle, link, lstat, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from './file-lock.js';
import { refuseIfOpenToOthers } from './private-file-mode.js';
import { placeOf } from './private-file-place.js';
import type { PrivateFile } from './private-file.js';
import { systemErrorCode } from './system-error.js';
import { removeLeftovers, writeBeside } from './write-beside.js';

/**
 * The error codes of `link` on volumes without hard links, such as FAT and network shares. `EISDIR` is from Windows.
 */
const cannotLink: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'EISDIR',
]);

/**
 * The text of a private file; `null` if there is no file.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if others may read it, or may put another file in its place.
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
 * Make a private file, whole, and its folder if that is missing. If several processes do so at once, one makes the
 * file.
 *
 * @returns the text of the file, which is another process's text if that process was first.
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
 * Replace the text of a private file. After a crash the file has the old text or the new one, whole. One process at a
 * time does so. If the path is a link, the file behind it is replaced, and the link stays.
 *
 * @param isExpected called with the present text, just before the new file takes its place.
 * @returns whether it replaced the text.
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

/** `link` fails if the path exists. `rename` overwrites it, so it needs a check and a lock before it. */
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
