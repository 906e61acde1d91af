import type { LoginLoad } from './login-load.ts';
import { median, type Ratio } from './ratio.ts';
import { type BenchServer, startServer } from './start-server.ts';

const rounds = 25;
const roundMs = 250;
/** Until everything is compiled. A server that has just begun spends much of its time on that. */
const warmUpLogins = 6_000;

/** A server, and the CPU time of a complete login on it in microseconds, one figure for each round. */
class Contender {
  readonly costsUs: number[] = [];
  readonly #server: BenchServer;
  readonly #load: LoginLoad;

  private constructor(server: BenchServer, load: LoginLoad) {
    this.#server = server;
    this.#load = load;
  }

  static async start(file: string, args: readonly string[], bound: boolean): Promise<Contender> {
    const { server, load } = await startServer(new URL(`servers/${file}`, import.meta.url), args, bound);
    for (let logins = 0; logins < warmUpLogins;) logins += await load.logins(roundMs);
    return new Contender(server, load);
  }

  get costUs(): number {
    return median(this.costsUs);
  }

  async takeTurn(): Promise<void> {
    const beforeUs = await this.#server.cpuUs();
    const logins = await this.#load.logins(roundMs);
    this.costsUs.push(((await this.#server.cpuUs()) - beforeUs) / logins);
  }

  async stop(): Promise<void> {
    await this.#load.close();
    await this.#server.stop();
  }
}

/**
 * Compare the cost of a complete login with the crypto floor, by the server's CPU time. Each server is in its own
 * process.
 */
export async function benchLogins(): Promise<Ratio[]> {
  const [memory, sqlite, bare, ...floors] = await measure([
    ['product.ts', ['memory'], false],
    ['product.ts', ['sqlite'], false],
    ['floor.ts', ['bare'], false],
    ['floor.ts', ['sync'], false],
    ['floor.ts', ['async'], false],
  ]);
  const [bound, ...boundFloors] = await measure([
    ['product.ts', ['sqlite', 'bound'], true],
    ['floor.ts', ['sync'], true],
    ['floor.ts', ['async'], true],
  ]);
  if (memory === undefined || sqlite === undefined || bare === undefined || bound === undefined) return [];
  const floor = cheapest(floors);
  return [
    {
      ...against(floor, memory),
      name: 'crypto floor / a complete login (memory stores, tokens, PIN assistance)',
      atLeast: 0.85,
    },
    { ...against(bare, memory), name: 'bare Express / a complete login' },
    {
      ...against(floor, sqlite),
      name: 'crypto floor / a complete login (sessions on SQLite)',
      atLeast: 0.78,
    },
    {
      ...against(cheapest(boundFloors), bound),
      name: 'crypto floor / a complete login (sessions on SQLite, bound by DPoP)',
      atLeast: 0.7,
    },
  ];
}

async function measure(
  programs: readonly (readonly [file: string, args: readonly string[], bound: boolean])[],
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const program of programs) contenders.push(await Contender.start(...program));
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
      await contender.takeTurn();
  }
  for (const contender of contenders) await contender.stop();
  return contenders;
}

function cheapest(floors: readonly Contender[]): Contender {
  return floors.reduce((best, floor) => (floor.costUs < best.costUs ? floor : best));
}

/** Compare the same rounds, so that other work of the machine affects both alike. */
function against(other: Contender, product: Contender): Pick<Ratio, 'value' | 'note'> {
  return {
    value: median(product.costsUs.map((us, round) => (other.costsUs[round] as number) / us)),
    note: `${other.costUs.toFixed(0)} against ${product.costUs.toFixed(0)} us of CPU time`,
  };
}
