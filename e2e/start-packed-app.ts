import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packApp } from './pack-app.ts';

/** The packed quickstart, started twice: as a stranger starts it, and with a clock that tests move. */
export async function startPackedApp(): Promise<{ env: Record<string, string>; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-e2e-'));
  const app = packApp(folder);
  const clockedData = join(folder, 'data-clocked');
  const plain = await start(app, 'server/main.ts', join(folder, 'data'), 1);
  const clocked = await start(app, 'server/main-with-clock.ts', clockedData, 2);
  return {
    env: {
      APP_URL: plain.addresses[0] as string,
      CLOCKED_APP_URL: clocked.addresses[0] as string,
      CLOCK_URL: clocked.addresses[1] as string,
      CLOCKED_DATA_FOLDER: clockedData,
      APP_FOLDER: app,
    },
    async stop() {
      await Promise.all([plain.stop(), clocked.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(
  app: string,
  script: string,
  dataFolder: string,
  count: number,
): Promise<{ addresses: string[]; stop: () => Promise<void> }> {
  const server = spawn(process.execPath, [script], {
    cwd: app,
    env: { ...process.env, PORT: '0', DATA_FOLDER: dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    addresses: await addressesOf(server, count),
    async stop() {
      const exited = once(server, 'exit');
      server.kill();
      await exited;
    },
  };
}

/** The addresses that a server prints when it listens. */
async function addressesOf(server: ChildProcess, count: number): Promise<string[]> {
  let output = '';
  for await (const chunk of server.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    output += String(chunk);
    const addresses = [...output.matchAll(/http:\/\/localhost:\d+(?=\s)/g)].map(([address]) => address);
    if (addresses.length >= count) {
      server.stdout?.resume();
      return addresses;
    }
  }
  throw new Error(`the quickstart did not start: ${output}`);
}

// oxlint-disable-next-line no-default-export -- what Playwright calls
export default async function globalSetup(): Promise<() => Promise<void>> {
  const { env, stop } = await startPackedApp();
  Object.assign(process.env, env);
  return stop;
}
