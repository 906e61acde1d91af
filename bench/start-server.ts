import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { LoginLoad } from './login-load.ts';

export interface StartedServer {
  process: ChildProcess;
  /** Its accounts are registered. */
  load: LoginLoad;
}

/**
 * Start a server of `servers/` in a process of its own.
 *
 * @param bound whether each login brings a DPoP proof.
 */
export async function startServer(
  program: URL,
  args: readonly string[],
  bound: boolean,
): Promise<StartedServer> {
  const process = fork(program, args);
  const [port] = (await once(process, 'message')) as [number];
  const load = new LoginLoad(port, bound);
  await load.register();
  return { process, load };
}
