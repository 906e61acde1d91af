import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { setting } from './app-page.ts';

/** The second copy of the app. {@link advance} moves its clock. */
export function clockedUrl(): string {
  return setting('CLOCKED_APP_URL');
}

export async function advance(ms: number): Promise<void> {
  await fetch(`${setting('CLOCK_URL')}/advance?ms=${ms}`);
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The events about a person that the app has reported to its operator, one per line. */
export function eventsAbout(userId: string): string[] {
  const log = readFileSync(setting('CLOCKED_LOG_FILE'), 'utf8');
  return log.split('\n').filter((line) => line.includes(`"userId":${JSON.stringify(userId)}`));
}

/** Run the command that the page shows to the operator, beside the server, and give its output. */
export async function runAsOperator(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    cwd: setting('APP_FOLDER'),
    env: { ...process.env, DATA_FOLDER: setting('CLOCKED_DATA_FOLDER') },
  });
  return stdout;
}
