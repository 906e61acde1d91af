import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameworkName } from './documented-apps.ts';
import { preparedApps } from './prepare-apps.ts';

export interface StartedServer {
  url: string;
  stop(): Promise<void>;
}

/** Start a documented application as a stranger does, and wait until it answers. */
export async function startServer(framework: FrameworkName): Promise<StartedServer> {
  const { folder, ports } = preparedApps();
  const port = ports[framework];
  const next = [join(folder, 'node_modules/next/dist/bin/next'), 'start', '--port', String(port)];
  const server = spawn(process.execPath, framework === 'next' ? next : ['server.ts'], {
    cwd: join(folder, framework),
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill();
    await exited;
  };
  const url = `http://localhost:${port}`;
  for (let tries = 0; tries < 300 && server.exitCode === null; tries++) {
    const answer = await fetch(`${url}/me`).catch(() => undefined);
    if (answer !== undefined) return { url, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`the application in ${framework} did not start`);
}
