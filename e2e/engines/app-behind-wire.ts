import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../start-app.ts';
import { Wire } from './wire.ts';

/** The packed quickstart behind a wire of its own, through which browsers reach it. */
export interface AppBehindWire {
  wire: Wire;
  /** Move the server's clock forward. */
  advance(ms: number): Promise<void>;
  /** The names of the events about a person that the server has reported to its operator. */
  eventsAbout(userId: string): string[];
  stop(): Promise<void>;
}

export async function startAppBehindWire(): Promise<AppBehindWire> {
  const app = process.env['PACKED_APP'];
  if (app === undefined) throw new Error('the app was not packed');
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-wire-'));
  const logFile = join(folder, 'log');
  writeFileSync(logFile, '');
  const wire = await Wire.open();
  const started = await startApp({
    app,
    script: 'server/main-with-clock.ts',
    dataFolder: join(folder, 'data'),
    logFile,
    env: { ORIGINS: `${wire.url} ${wire.numericUrl}` },
    count: 2,
  });
  const [url, clock] = started.addresses as [string, string];
  wire.connectTo(url.replace('localhost', '127.0.0.1'));
  return {
    wire,
    async advance(ms) {
      await fetch(`${clock}/advance?ms=${ms}`);
    },
    eventsAbout: (userId) =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line.includes(JSON.stringify(userId)))
        .map((line) => line.split(' ')[1] ?? ''),
    async stop() {
      await Promise.all([started.stop(), wire.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
