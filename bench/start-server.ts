import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { LoginLoad } from './login-load.ts';

/** A server of `servers/` in a process of its own. */
export class BenchServer {
  readonly process: ChildProcess;
  readonly port: number;

  private constructor(process: ChildProcess, port: number) {
    this.process = process;
    this.port = port;
  }

  static async start(program: URL, args: readonly string[]): Promise<BenchServer> {
    const process = fork(program, args);
    const [port] = (await once(process, 'message')) as [number];
    return new BenchServer(process, port);
  }

  /** CPU time of the process in microseconds, in all its threads. A busy machine hardly changes it. */
  async cpuUs(): Promise<number> {
    this.process.send('cpu');
    const [us] = (await once(this.process, 'message')) as [number];
    return us;
  }

  async stop(): Promise<void> {
    this.process.disconnect();
    await once(this.process, 'exit');
  }
}

export interface StartedServer {
  server: BenchServer;
  /** Its accounts are registered. */
  load: LoginLoad;
}

/**
 * Start a server that takes logins.
 *
 * @param bound whether each login brings a DPoP proof.
 */
export async function startServer(
  program: URL,
  args: readonly string[],
  bound: boolean,
): Promise<StartedServer> {
  const server = await BenchServer.start(program, args);
  const load = new LoginLoad(server.port, bound);
  await load.register();
  return { server, load };
}
