// Compare the server's cost of a complete login with another checkout of this repository that was built:
// node bench/compare-builds.ts ../OTHER [memory|sqlite] [bound]
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './ratio.ts';
import { type StartedServer, startServer } from './start-server.ts';

const rounds = 5;
const turnsPerRound = 4;
const [warmUpMs, turnMs] = [5_000, 1_500];

class Server {
  readonly #started: StartedServer;
  #cpuMs = 0;
  #logins = 0;

  constructor(started: StartedServer) {
    this.#started = started;
  }

  static async start(root: string, modes: readonly string[]): Promise<Server> {
    const program = pathToFileURL(resolve(root, 'bench/servers/product.ts'));
    const started = await startServer(program, modes, modes.includes('bound'));
    await started.load.logins(warmUpMs);
    return new Server(started);
  }

  async takeTurn(): Promise<void> {
    const { server, load } = this.#started;
    const cpuMs = cpuMsOf(server.process);
    this.#logins += await load.logins(turnMs);
    this.#cpuMs += cpuMsOf(server.process) - cpuMs;
  }

  /** Microseconds of CPU time for a login. */
  get costUs(): number {
    return (this.#cpuMs * 1000) / this.#logins;
  }

  async stop(): Promise<void> {
    const { server, load } = this.#started;
    await load.close();
    await server.stop();
  }
}

/** User and system time of all threads. Linux counts it in hundredths of a second. */
function cpuMsOf({ pid }: ChildProcess): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) * 10;
}

const [other, ...modes] = process.argv.slice(2);
if (other === undefined) throw new Error('Name the folder of the other checkout.');
const here = resolve(import.meta.dirname, '..');
const ratios: number[] = [];
// Each round starts new processes, because a process keeps its luck, such as the layout of its memory.
for (let round = 1; round <= rounds; round++) {
  const servers = [await Server.start(resolve(other), modes), await Server.start(here, modes)] as const;
  for (let turn = 0; turn < turnsPerRound; turn++) {
    for (const server of turn % 2 === 0 ? servers : servers.toReversed()) await server.takeTurn();
  }
  const [theirs, ours] = servers.map(({ costUs }) => costUs) as [number, number];
  ratios.push(ours / theirs);
  console.log(
    `round ${round}: ${theirs.toFixed(0)} us there, ${ours.toFixed(0)} us here, ratio ${(ours / theirs).toFixed(3)}`,
  );
  for (const server of servers) await server.stop();
}
console.log(
  `a login here costs ${median(ratios).toFixed(2)} x what it costs there, by the server's CPU time (median of ${rounds})`,
);
