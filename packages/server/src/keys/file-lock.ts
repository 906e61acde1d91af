import { randomInt, randomUUID } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is done under a lock takes milliseconds: whoever holds one for so long was killed. */
const abandonedAfterMs = 10_000;

/**
 * Do something while no other process does, as a file in `path` says. A lock that a killed process left is taken
 * over. Should its holder only have slept, it finds that it is not the holder any more: `isHeld` is to be asked last
 * before the step that counts.
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

/** Whether a file is so old that the process that made it is gone. */
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
    await writeFile(path, holder, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
