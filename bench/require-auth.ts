import { bearer, GuardLoad, type HeadersOf, proven } from './guard-load.ts';
import { LoginLoad } from './login-load.ts';
import { median, type Ratio } from './ratio.ts';
import { BenchServer } from './start-server.ts';

const rounds = 7;
/** Each has a session of its own, which requests take in turn. */
const accounts = 1_000;
const requestsPerRound = 1_000;
const coldPerRound = 128;
/** Until everything is compiled: a server that has just begun spends most of its time on that. */
const warmUpRequests = 12_000;
/** A page that asks every half minute asks twenty times with a token, which lives for ten minutes. */
const firstInMix = 1 / 20;
const freshPerServer = rounds * (coldPerRound + requestsPerRound * firstInMix);

type Phase = 'warm' | 'mixed' | 'cold';
const phases: readonly Phase[] = ['warm', 'mixed', 'cold'];

/** A server, and what a request costs it in each phase: microseconds of CPU time, one figure for each round. */
class Contender {
  readonly costsUs: Record<Phase, number[]> = { warm: [], mixed: [], cold: [] };
  readonly #server: BenchServer;
  readonly #load: GuardLoad;
  readonly #known: readonly HeadersOf[];
  /** With tokens that the server has not seen before. A server without tokens has none. */
  readonly #fresh: Iterator<HeadersOf>;
  readonly #close: () => Promise<void>;

  constructor(server: BenchServer, requests: Requests) {
    this.#server = server;
    this.#load = requests.load;
    this.#known = requests.known;
    this.#fresh = requests.fresh.values();
    this.#close = requests.close;
  }

  async warmUp(): Promise<void> {
    await this.#load.request(repeat(this.#known, warmUpRequests));
  }

  async takeTurn(phase: Phase): Promise<void> {
    const requests = this.#requestsOf(phase);
    const beforeUs = await this.#server.cpuUs();
    await this.#load.request(requests);
    this.costsUs[phase].push(((await this.#server.cpuUs()) - beforeUs) / requests.length);
  }

  async stop(): Promise<void> {
    await this.#close();
    await this.#load.close();
    await this.#server.stop();
  }

  #requestsOf(phase: Phase): readonly HeadersOf[] {
    if (phase === 'cold') return repeat(this.#known, coldPerRound).map((known) => this.#next() ?? known);
    const requests = repeat(this.#known, requestsPerRound);
    if (phase === 'warm') return requests;
    return requests.map((known, n) => (n % (1 / firstInMix) === 0 ? (this.#next() ?? known) : known));
  }

  #next(): HeadersOf | undefined {
    const { value } = this.#fresh.next() as IteratorResult<HeadersOf, undefined>;
    return value;
  }
}

interface Requests {
  load: GuardLoad;
  known: readonly HeadersOf[];
  fresh: readonly HeadersOf[];
  close: () => Promise<void>;
}

/** What a request to a guarded route costs against one to a bare Express route, each in a process of its own. */
export async function benchRequireAuth(): Promise<Ratio[]> {
  const bare = await startBare();
  const guarded = [
    { name: 'stateless', atLeast: 0.85, contender: await startProduct(['memory', 'stateless']) },
    { name: 'sessions in memory', atLeast: 0.85, contender: await startProduct(['memory']) },
    { name: 'sessions on SQLite', atLeast: 0.7, contender: await startProduct(['sqlite']) },
    { name: 'SQLite, DPoP for each request', contender: await startProduct(['sqlite', 'bound', 'requests']) },
    { name: 'better-auth, SQLite', contender: await startBetterAuth([]) },
    { name: 'better-auth, SQLite and its cookie cache', contender: await startBetterAuth(['cache']) },
  ];
  const contenders = [bare, ...guarded.map(({ contender }) => contender)];
  for (const contender of contenders) await contender.warmUp();
  for (let round = 0; round < rounds; round++) {
    for (const phase of phases) {
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        await contender.takeTurn(phase);
      }
    }
  }
  for (const contender of contenders) await contender.stop();
  return guarded.flatMap(({ name, atLeast, contender }) =>
    phases.map((phase) => ({
      name: `requireAuth / bare Express, ${name}, ${phase}`,
      value: median(contender.costsUs[phase].map((us, round) => (bare.costsUs[phase][round] as number) / us)),
      note: `${costOf(contender, phase)} against ${costOf(bare, phase)} us`,
      ...(phase === 'mixed' && atLeast !== undefined ? { atLeast } : {}),
    })),
  );
}

function costOf({ costsUs }: Contender, phase: Phase): string {
  return median(costsUs[phase]).toFixed(1);
}

async function startProduct(modes: readonly string[]): Promise<Contender> {
  const server = await BenchServer.start(new URL('servers/product.ts', import.meta.url), modes);
  const logins = new LoginLoad(server.port, modes.includes('bound'), accounts);
  const headersOf = modes.includes('requests') ? proven : bearer;
  const registered = await logins.register();
  return new Contender(server, {
    load: new GuardLoad(server.port),
    known: registered.map(headersOf),
    fresh: (await logins.signIn(freshPerServer)).map(headersOf),
    close: () => logins.close(),
  });
}

/** Its requests carry a header of the same length. */
async function startBare(): Promise<Contender> {
  const server = await BenchServer.start(new URL('servers/floor.ts', import.meta.url), ['bare']);
  const headers = { authorization: `Bearer ${'x'.repeat(500)}` };
  const known = [() => headers];
  return new Contender(server, {
    load: new GuardLoad(server.port),
    known,
    fresh: [],
    close: async () => undefined,
  });
}

async function startBetterAuth(modes: readonly string[]): Promise<Contender> {
  const server = await BenchServer.start(new URL('servers/better-auth.ts', import.meta.url), modes);
  const load = new GuardLoad(server.port);
  const cookies = (await load.json(`/sign-up/${accounts}`)) as string[];
  const known = cookies.map((cookie) => {
    const headers = { cookie };
    return (): Record<string, string> => headers;
  });
  // It keeps nothing of a request for the next one.
  return new Contender(server, {
    load,
    known,
    fresh: [],
    close: async () => undefined,
  });
}

function repeat<T>(values: readonly T[], times: number): T[] {
  return Array.from({ length: times }, (_, n) => values[n % values.length] as T);
}
