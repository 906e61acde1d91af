import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setting } from './app-page.ts';

/** The second copy of the app, whose clock {@link advance} moves. */
export function clockedUrl(): string {
  return setting('CLOCKED_APP_URL');
}

export async function advance(ms: number): Promise<void> {
  await fetch(`${setting('CLOCK_URL')}/advance?ms=${ms}`);
}

export const hour = 3_600_000;

/** Run what the page tells the operator to run, beside the server, and give what it printed. */
export async function runAsOperator(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    cwd: setting('APP_FOLDER'),
    env: { ...process.env, DATA_FOLDER: setting('CLOCKED_DATA_FOLDER') },
  });
  return stdout;
}
