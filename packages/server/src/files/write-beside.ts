import { randomUUID } from 'node:crypto';
import { lstat, open, readdir, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAbandoned } from './file-lock.js';
import { isOwnOrRoots, modesAreKept, refuseIfModesAreIgnored } from './private-file-mode.js';
import type { PrivateFile } from './private-file.js';
import { systemErrorCode } from './system-error.js';

/** The error codes of folders on volumes that cannot sync them. */
const cannotSync: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM']);

const temporaryEnd = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/**
 * Write a file of mode 0600 beside a private file, sync it to the disk, and let `place` move it into place.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if the volume ignores the mode. Nothing secret was written then.
 */
export async function writeBeside(
  file: PrivateFile,
  text: string,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file.path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      refuseIfModesAreIgnored(file, await handle.stat());
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary);
    await syncFolder(dirname(file.path));
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** Remove temporary files that processes left beside the file because they were killed. They contain keys too. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const beginning = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(beginning) || !temporaryEnd.test(name.slice(beginning.length))) continue;
    const leftover = join(folder, name);
    if ((await isOurs(leftover)) && (await isAbandoned(leftover))) await rm(leftover, { force: true });
  }
}

/** Whether it is a file, not a link to one, that {@link writeBeside} can have made. */
async function isOurs(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats !== null && stats.isFile() && (!modesAreKept || isOwnOrRoots(stats));
}

/** A new name is on the disk only after its folder was synced. Windows cannot sync a folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!cannotSync.has(systemErrorCode(error))) throw error;
  } finally {
    await folder.close();
  }
}
