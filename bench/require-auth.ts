import { bearer, GuardLoad, type HeadersOf, proven } from './guard-load.ts';
import { LoginLoad } from './login-load.ts';
import { median, type Ratio } from './ratio.ts';
import { BenchServer } from './start-server.ts';

const rounds = 21;
/** Each account has a session, and requests take the sessions in turn. */
const accounts = 1_000;
const requestsPerRound = 1_000;
const coldPerRound = 40;
/** Until everything is compiled. A server that has just begun spends most of its time on that. */
const warmUpRequests = 32_000;
/** A token lives for ten minutes, so a page that asks every half minute sends twenty requests with it. */
const firstInMix = 1 / 20;
const freshPerServer = rounds * (coldPerRound + requestsPerRound * firstInMix);

/**
 * `warm`: with tokens that were used before. `mixed`: one request of twenty brings a token for the first time, to
 * the process that has issued it, as after each refresh. `cold`: with tokens for the first time, to a process that
 * has not issued them. It was restarted, or another process has issued them on the same ring.
 */
type Phase = 'warm' | 'mixed' | 'cold';
const phases: readonly Phase[] = ['warm', 'mixed', 'cold'];
const titles: Readonly<Record<Phase, string>> = {
  warm: 'warm',
  mixed: '1 of 20 new',
  cold: 'cold',
};

/** A server, and the cost of a request in each phase in microseconds of CPU time, one figure for each round. */
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

  async warmUp(measured: readonly Phase[]): Promise<void> {
    await this.#load.request(repeat(this.#known, warmUpRequests));
    if (!measured.includes('cold')) return;
    await this.#load.request(repeat(this.#known, warmUpRequests / 4), '/elsewhere');
  }

  async takeTurn(phase: Phase): Promise<void> {
    const requests = this.#requestsOf(phase);
    const beforeUs = await this.#server.cpuUs();
    await this.#load.request(requests, phase === 'cold' ? '/elsewhere' : '/me');
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

/**
 * Compare the cost of a request to a guarded route with one to a bare Express route. Each server is in its own
 * process. Both have taken the same logins before, so that their shared code is compiled for the same requests.
 */
export async function benchRequireAuth(): Promise<Ratio[]> {
  const bare = await startWithLogins('floor.ts', ['bare']);
  const guarded: { name: string; contender: Contender; measured: readonly Phase[]; atLeast?: number }[] = [
    {
      name: 'stateless',
      contender: await startWithLogins('product.ts', ['memory', 'stateless']),
      measured: phases,
      atLeast: 0.85,
    },
    {
      name: 'sessions in memory',
      contender: await startWithLogins('product.ts', ['memory']),
      measured: phases,
      atLeast: 0.85,
    },
    {
      name: 'sessions on SQLite',
      contender: await startWithLogins('product.ts', ['sqlite']),
      measured: phases,
      atLeast: 0.7,
    },
    {
      name: 'SQLite, DPoP for each request',
      contender: await startWithLogins('product.ts', ['sqlite', 'bound', 'requests']),
      measured: ['warm'],
    },
    { name: 'better-auth, SQLite', contender: await startBetterAuth([]), measured: ['warm'] },
    { name: 'better-auth, cookie cache', contender: await startBetterAuth(['cache']), measured: ['warm'] },
  ];
  const all = [{ contender: bare, measured: phases }, ...guarded];
  for (const { contender, measured } of all) await contender.warmUp(measured);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? all : all.toReversed();
    for (const phase of phases) {
      for (const { contender, measured } of order)
        if (measured.includes(phase)) await contender.takeTurn(phase);
    }
  }
  for (const { contender } of all) await contender.stop();
  return guarded.flatMap(({ name, atLeast, contender, measured }) =>
    measured.map((phase) => ({
      name: `bare Express / requireAuth: ${name}, ${titles[phase]}`,
      value: median(contender.costsUs[phase].map((us, round) => (bare.costsUs[phase][round] as number) / us)),
      note: `${costOf(bare, phase)} against ${costOf(contender, phase)} us of CPU time`,
      ...(phase === 'mixed' && atLeast !== undefined ? { atLeast } : {}),
    })),
  );
}

function costOf({ costsUs }: Contender, phase: Phase): string {
  return median(costsUs[phase]).toFixed(0);
}

async function startWithLogins(file: string, modes: readonly string[]): Promise<Contender> {
  const server = await BenchServer.start(new URL(`servers/${file}`, import.meta.url), modes);
  const logins = new LoginLoad(server.port, modes.includes('bound'), accounts);
  const headersOf = modes.includes('requests') ? proven : bearer;
  return new Contender(server, {
    load: new GuardLoad(server.port),
    known: (await logins.register()).map(headersOf),
    fresh: (await logins.signIn(freshPerServer)).map(headersOf),
    close: () => logins.close(),
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
  // The other server keeps nothing of a request for the next one.
  return new Contender(server, { load, known, fresh: [], close: async () => undefined });
}

function repeat<T>(values: readonly T[], times: number): T[] {
  return Array.from({ length: times }, (_, n) => values[n % values.length] as T);
}
