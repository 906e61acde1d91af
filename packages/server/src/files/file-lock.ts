import { randomInt, randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemErrorCode } from './system-error.js';

/** Work under a lock takes milliseconds, so a process that holds it for this long was killed. */
const abandonedAfterMs = 10_000;

/**
 * Do something while no other process does it. The lock is a file at `path`. The lock of a killed process is taken
 * over. If that process was only asleep, `isHeld` tells it that it no longer holds the lock. Ask `isHeld` last before
 * the step that counts.
 */
export async function withFileLock<T>(
  path: string,
  work: (isHeld: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const holder = randomUUID();
  await take(path, holder);
  const isHeld = async (): Promise<boolean> => (await readFile(path, 'utf8').catch(() => '')) === holder;
  try {
    return await work(isHeld);
  } finally {
    if (await isHeld()) await rm(path, { force: true });
  }
}

/** Whether a file is so old that the process that made it must be gone. */
export async function isAbandoned(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Math.abs(Date.now() - mtimeMs) > abandonedAfterMs;
}

async function take(path: string, holder: string): Promise<void> {
  while (!(await wasMade(path, holder))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await sleep(randomInt(5, 25));
  }
}

async function wasMade(path: string, holder: string): Promise<boolean> {
  try {
    await makeLock(path, holder);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Make the lock. If it cannot be written, for example on a full disk, remove it, because nobody would ever release
 * it.
 */
async function makeLock(path: string, holder: string): Promise<void> {
  const lock = await open(path, 'wx', 0o600);
  try {
    try {
      await lock.writeFile(holder);
    } finally {
      await lock.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
