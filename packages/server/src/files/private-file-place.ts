import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZkpAuthError } from '@zkp-auth/core';
import { isOwnOrRoots, modesAreKept, octal } from './private-file-mode.js';
import type { PrivateFile } from './private-file.js';
import { systemErrorCode } from './system-error.js';

const othersWrite = 0o002;
const groupWrites = 0o020;
/** The sticky bit. In such a folder, as in `/tmp`, only a file's owner can remove or rename it. */
const sticky = 0o1000;

/**
 * The file that a path leads to, in its real folder, so that a replacement does not replace a link. Nobody else can
 * put another file in its place, neither in that folder nor in the folder of a link to it.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` otherwise.
 */
export async function placeOf(file: PrivateFile): Promise<PrivateFile> {
  await refuseIfOthersReplace(file, dirname(file.path));
  const found = await ifThere(lstat(file.path));
  if (found === null) return file;
  if (!found.isSymbolicLink()) {
    refuseUnlessFile(found);
    return file;
  }
  if (modesAreKept && !isOwnOrRoots(found)) throw invalid(file, 'another user made the link that it is');
  const path = await ifThere(realpath(file.path));
  if (path === null) throw new Error('it is a link to a file that is not there');
  refuseUnlessFile(await stat(path));
  const place = { ...file, path };
  await refuseIfOthersReplace(place, dirname(path));
  return place;
}

async function refuseIfOthersReplace(file: PrivateFile, folder: string): Promise<void> {
  const stats = await ifThere(stat(folder));
  if (stats === null || !modesAreKept) return;
  if (!isOwnOrRoots(stats)) throw invalid(file, `another user owns its folder ${folder}`);
  if (isClosedToOthers(stats)) return;
  throw invalid(
    file,
    `others may write to its folder ${folder} (mode ${octal(stats)}) and put another file in its place. Run chmod go-w on the folder, or choose one of this process's own`,
  );
}

/** A group may write to a folder that root owns, such as the volume of a pod with an `fsGroup`. */
function isClosedToOthers({ mode, uid }: Stats): boolean {
  if ((mode & sticky) !== 0) return true;
  if ((mode & othersWrite) !== 0) return false;
  return (mode & groupWrites) === 0 || (uid === 0 && process.geteuid?.() !== 0);
}

/** Only a file may be opened, because opening a pipe, for example, may wait for ever. */
function refuseUnlessFile(stats: Stats): void {
  if (stats.isDirectory()) throw new Error('it is a folder');
  if (!stats.isFile()) throw new Error('it is not a file');
}

function invalid({ path, name }: PrivateFile, reason: string): ZkpAuthError {
  return new ZkpAuthError('KEY_FILE_INVALID', `The ${name} ${path} cannot be used: ${reason}.`);
}

async function ifThere<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
