import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZkpAuthError } from '@zkp-auth/core';

/** A file that its owner alone may read. */
export interface PrivateFile {
  path: string;
  /** What messages call it, such as `signing key file`. */
  name: string;
}

/**
 * Do something with a private file.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` that names the file, for whatever fails.
 */
export async function usePrivateFile<T>({ path, name }: PrivateFile, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof ZkpAuthError) throw cause;
    throw new ZkpAuthError('KEY_FILE_INVALID', `The ${name} ${path} cannot be used.`, { cause });
  }
}

/**
 * Its text, `null` where there is no file.
 *
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` where others may read it.
 */
export async function readPrivateFile(file: PrivateFile): Promise<string | null> {
  try {
    const text = await readFile(file.path, 'utf8');
    await refuseIfOpenToOthers(file);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Make it, whole, and its folder where that is missing. Of several processes that do so at once, one makes it.
 *
 * @returns its text: another's, where another process was first.
 */
export async function createPrivateFile(file: PrivateFile, text: string): Promise<string> {
  await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
  await writeBeside(file.path, text, (temporary) =>
    // The link fails where another process was first.
    link(temporary, file.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    }),
  );
  const created = await readPrivateFile(file);
  if (created === null) throw new Error('the file was removed while it was made');
  return created;
}

/**
 * Put another text in its place: after a crash it holds the one or the other, whole.
 *
 * @param mayReplace asked when the text is written and only has to take its place; default: it may.
 * @returns whether it did.
 */
export async function replacePrivateFile(
  { path }: PrivateFile,
  text: string,
  mayReplace: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> {
  let replaced = false;
  await writeBeside(path, text, async (temporary) => {
    replaced = await mayReplace();
    if (replaced) await rename(temporary, path);
  });
  return replaced;
}

/** Parse JSON that is secret: what `JSON.parse` throws quotes it. */
export function parseSecretJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new TypeError('not JSON');
  }
}

/** Write a file of mode 0600 through to the disk, and have it put in place. */
async function writeBeside(
  path: string,
  text: string,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary);
    await syncFolder(dirname(path));
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** A name is not on the disk before its folder is; Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function refuseIfOpenToOthers({ path, name }: PrivateFile): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new ZkpAuthError(
      'KEY_FILE_INVALID',
      `The ${name} ${path} has mode ${octal}: others can read it. Run chmod 600 on it, and replace the key if they may have.`,
    );
  }
}
