import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedApp } from './pack-app.ts';
import { startApp } from './start-app.ts';

/** Start the packed quickstart twice, once as a stranger starts it, and once with a clock that tests move. */
export async function startPackedApp(): Promise<{ env: Record<string, string>; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-e2e-'));
  const app = packedApp(folder);
  const clockedData = join(folder, 'data-clocked');
  const clockedLog = join(folder, 'clocked.log');
  writeFileSync(clockedLog, '');
  const plain = await startApp({
    app,
    script: 'server/main.ts',
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'plain.log'),
  });
  const clocked = await startApp({
    app,
    script: 'server/main-with-clock.ts',
    dataFolder: clockedData,
    logFile: clockedLog,
    count: 2,
  });
  return {
    env: {
      APP_URL: plain.addresses[0] as string,
      CLOCKED_APP_URL: clocked.addresses[0] as string,
      CLOCK_URL: clocked.addresses[1] as string,
      CLOCKED_DATA_FOLDER: clockedData,
      CLOCKED_LOG_FILE: clockedLog,
      APP_FOLDER: app,
    },
    async stop() {
      await Promise.all([plain.stop(), clocked.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// oxlint-disable-next-line no-default-export -- Playwright calls it
export default async function globalSetup(): Promise<() => Promise<void>> {
  const { env, stop } = await startPackedApp();
  Object.assign(process.env, env);
  return stop;
}
