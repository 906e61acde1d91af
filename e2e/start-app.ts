import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';

export interface StartOptions {
  /** Folder of the packed quickstart. */
  app: string;
  /** The script to run in it. */
  script: string;
  dataFolder: string;
  /** Default any free port. */
  port?: string;
  /** The file to which its output is appended. */
  logFile: string;
  env?: Record<string, string>;
  /** The number of addresses that it prints; default 1. */
  count?: number;
}

export interface StartedApp {
  addresses: string[];
  /** End it with a signal, SIGTERM by default, and wait until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Start a copy of the quickstart, and wait until it listens. */
export async function startApp(options: StartOptions): Promise<StartedApp> {
  const { app, script, dataFolder, port = '0', logFile, env = {}, count = 1 } = options;
  const server = spawn(process.execPath, [script], {
    cwd: app,
    env: { ...process.env, ...env, PORT: port, DATA_FOLDER: dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const addresses = await addressesOf(server, count);
  server.stdout.on('data', (chunk) => appendFileSync(logFile, String(chunk)));
  return {
    addresses,
    async stop(signal = 'SIGTERM') {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill(signal);
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
    if (addresses.length >= count) return addresses;
  }
  throw new Error(`the quickstart did not start: ${output}`);
}
