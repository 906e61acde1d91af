import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuiltApp } from './build-app.ts';
import { freePort } from '../free-port.ts';

export interface StartedProgram {
  port: number;
  stop(): Promise<void>;
}

/** Start a server that an application has installed, on a free port, and wait until it answers. */
export async function startProgram(
  app: BuiltApp,
  script: string,
  ...args: string[]
): Promise<StartedProgram> {
  const port = await freePort();
  const program = spawn(process.execPath, [script, ...args, '--port', String(port)], {
    cwd: app.folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (program.exitCode !== null || program.signalCode !== null) return;
    const exited = once(program, 'exit');
    program.kill();
    await exited;
  };
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`http://localhost:${port}/`).catch(() => undefined);
    if (answer !== undefined) return { port, stop };
    if (program.exitCode !== null) break;
    await sleep(100);
  }
  await stop();
  throw new Error(`${script} did not start`);
}
