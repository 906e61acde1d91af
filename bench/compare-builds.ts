// What a complete login costs the server here, against another checkout of this repository that was built:
// node bench/compare-builds.ts ../OTHER [memory|sqlite] [bound]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LoginLoad } from './login-load.ts';

const rounds = 5;
const turnsPerRound = 4;
const [warmUpMs, turnMs] = [5_000, 1_500];

class Server {
  readonly #child: ChildProcess;
  readonly #load: LoginLoad;
  #cpuMs = 0;
  #logins = 0;

  constructor(child: ChildProcess, load: LoginLoad) {
    this.#child = child;
    this.#load = load;
  }

  static async start(root: string, modes: readonly string[]): Promise<Server> {
    const child = fork(resolve(root, 'bench/servers/product.ts'), modes, { cwd: root });
    const [port] = (await once(child, 'message')) as [number];
    const load = new LoginLoad(port, modes.includes('bound'));
    await load.register();
    await load.loginsPerSecond(warmUpMs);
    return new Server(child, load);
  }

  async takeTurn(): Promise<void> {
    const cpuMs = cpuMsOf(this.#child);
    const startedMs = performance.now();
    const perSecond = await this.#load.loginsPerSecond(turnMs);
    this.#logins += (perSecond * (performance.now() - startedMs)) / 1000;
    this.#cpuMs += cpuMsOf(this.#child) - cpuMs;
  }

  /** Microseconds of CPU time for a login. */
  get costUs(): number {
    return (this.#cpuMs * 1000) / this.#logins;
  }

  async stop(): Promise<void> {
    await this.#load.close();
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

/** User and system time, all threads; Linux counts it in hundredths of a second. */
function cpuMsOf({ pid }: ChildProcess): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) * 10;
}

const [other, ...modes] = process.argv.slice(2);
if (other === undefined) throw new Error('Name the folder of the other checkout.');
const here = resolve(import.meta.dirname, '..');
const ratios: number[] = [];
// New processes for each round: what one process is lucky with, such as the layout of its memory, stays with it.
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
const median = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] as number;
console.log(
  `a login here costs ${median.toFixed(2)} x what it costs there, by the server's CPU time (median of ${rounds})`,
);
