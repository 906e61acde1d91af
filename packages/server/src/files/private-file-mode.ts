import type { Stats } from 'node:fs';
import { ZkpAuthError } from '@zkp-auth/core';
import type { PrivateFile } from './private-file.js';

type Owned = Pick<Stats, 'mode' | 'uid'>;

/** Windows has no such modes and owners. */
export const modesAreKept: boolean = process.platform !== 'win32';
const anybodyElse = 0o077;
const groupReads = 0o040;
const ownerWrites = 0o200;

/**
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if an opened file belongs to another user, or is open to other
 * users.
 */
export function refuseIfOpenToOthers({ path, name }: PrivateFile, stats: Owned): void {
  if (modesAreKept && !isOwnOrRoots(stats)) {
    throw new ZkpAuthError(
      'KEY_FILE_INVALID',
      `The ${name} ${path} belongs to another user (uid ${stats.uid}), who can read and change it. Run chown on it, or run this process as that user, and replace the key if that user must not know it.`,
    );
  }
  if (isPrivate(stats)) return;
  throw new ZkpAuthError(
    'KEY_FILE_INVALID',
    `The ${name} ${path} has mode ${octal(stats)}: others can read it. Run chmod 600 on it, and replace the key if they may have. Give a Kubernetes secret defaultMode 0440 and its pod an fsGroup. If its volume keeps no modes, move it to a volume that does.`,
  );
}

/**
 * @param stats the mode and owner of a file that was just made with mode 0600 and is still empty.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` if its volume gives files another mode, so that nothing secret may
 * be written there.
 */
export function refuseIfModesAreIgnored({ path, name }: PrivateFile, stats: Owned): void {
  if (isPrivate(stats)) return;
  throw new ZkpAuthError(
    'KEY_FILE_INVALID',
    `The ${name} ${path} was not written: its volume gives files mode ${octal(stats)}, so others could read it. Choose a folder on a volume that keeps modes, or mount this one so that its files have mode 0600. Keys can also come from the environment (TextKeyRingStore, importPinSecrets), and the ring from a database (SqlKeyRingStore).`,
  );
}

/** Whether only the owner can read a file, and possibly a group that was chosen on purpose. */
function isPrivate(stats: Owned): boolean {
  return !modesAreKept || (stats.mode & anybodyElse) === 0 || isGivenToGroup(stats);
}

/**
 * A group may read a file that root owns and this process only reads, and a file that nobody may write (mode 0440, as
 * in a Kubernetes secret). This package makes neither, so somebody has chosen the group.
 */
function isGivenToGroup({ mode, uid }: Owned): boolean {
  if ((mode & anybodyElse) !== groupReads) return false;
  const self = process.geteuid?.() ?? -1;
  if (uid === 0 && self !== 0) return true;
  return (uid === 0 || uid === self) && (mode & ownerWrites) === 0;
}

/** Whether this process's user or root owns the file. Root can read and change every file anyway. */
export function isOwnOrRoots({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/** The mode as `chmod` takes it. */
export function octal({ mode }: Pick<Stats, 'mode'>): string {
  return (mode & 0o777).toString(8);
}
