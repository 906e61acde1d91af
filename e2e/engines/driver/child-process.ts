import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StartOptions {
  /** The line that it prints when it is ready. Without this option, nobody waits for it. */
  ready?: RegExp;
  env?: Record<string, string>;
  /** Default 60 s. */
  timeoutMs?: number;
  onLine?: (line: string) => void;
}

/** A program in a process group of its own. It ends no later than this process. */
export interface StartedProcess {
  pid: number;
  /** The match of the first group of `ready`. */
  said: string;
  /** End it by SIGKILL, alone or with all processes that it started, and wait until it has ended. */
  kill(whole: 'parent' | 'group'): Promise<void>;
}

const groups = new Set<number>();
process.once('exit', () => {
  for (const pid of groups) signalGroup(pid);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

export async function startProcess(
  command: string,
  args: readonly string[],
  { ready, env = {}, timeoutMs = 60_000, onLine }: StartOptions,
): Promise<StartedProcess> {
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // This comes first, because a signal that ends this process meanwhile must end the child too.
  if (child.pid !== undefined) groups.add(child.pid);
  await once(child, 'spawn');
  const pid = child.pid as number;
  const kill = async (whole: 'parent' | 'group'): Promise<void> => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    if (whole === 'parent') child.kill('SIGKILL');
    else signalGroup(pid);
    await exited;
    if (whole === 'group') groups.delete(pid);
  };
  try {
    const said = await firstMatch(child, ready, { timeoutMs, onLine });
    return { pid, said, kill };
  } catch (error) {
    await kill('group');
    throw new Error(`${command} did not start: ${(error as Error).message}`, { cause: error });
  }
}

function firstMatch(
  child: ChildProcess,
  ready: RegExp | undefined,
  { timeoutMs, onLine }: { timeoutMs: number; onLine: ((line: string) => void) | undefined },
): Promise<string> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
        onLine?.(line);
        if (lines.length < 40) lines.push(line);
        const match = ready?.exec(line);
        if (match) resolve(match[1] ?? match[0]);
      });
    }
    if (ready === undefined) resolve('');
    child.once('exit', (code) => reject(new Error(`it ended with ${code}\n${lines.join('\n')}`)));
    void sleep(timeoutMs, undefined, { ref: false }).then(() =>
      reject(new Error(`it was not ready after ${timeoutMs} ms\n${lines.join('\n')}`)),
    );
  });
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // No process of the group runs any more.
  }
}
