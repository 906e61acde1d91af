import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { faults, forward, type GenuineAnswer, send } from '../node/middlebox.ts';

/** A request that arrived over the wire. */
export interface Arrival {
  method: string;
  path: string;
  cookie: string | undefined;
  /**
   * The status of the app's answer. It is null if the request did not reach the app, or while the app has not answered.
   */
  status: number | null;
  setCookie: readonly string[];
}

/**
 * The requests that a rule covers. It is a method and a path such as `POST /auth/register`, or a pattern for such a
 * text.
 */
export type Which = string | RegExp;

/** The fate of a request that is not simply passed on. */
type Fate = (exchange: Exchange) => Promise<void>;

interface Exchange {
  res: ServerResponse;
  /** Pass the request on to the app. */
  deliver(): Promise<GenuineAnswer>;
}

interface Rule {
  which: Which;
  fate: Fate;
  timesLeft: number;
}

/** Requests that are held. */
export interface Held {
  /** Resolves when the first one has arrived. */
  arrived: Promise<void>;
  /** Pass the held requests on, and stop holding. */
  release(): void;
  /** Cut the held requests, and stop holding. */
  lose(): void;
}

/**
 * The line between browser and app. It is a proxy in the test's process, and passes everything on until a test breaks
 * it. It replaces the browsers' own ways to intercept requests, because these differ in each engine.
 */
export class Wire {
  readonly #server: Server;
  #upstream = '';
  #rules: Rule[] = [];
  #arrivals: Arrival[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      this.#carry(req, res).catch(() => res.destroy());
    });
  }

  static async open(): Promise<Wire> {
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Wire(server);
  }

  /** The origin that the browser sees. */
  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The same origin with the IP address in place of the name. */
  get numericUrl(): string {
    return this.url.replace('localhost', '127.0.0.1');
  }

  connectTo(upstream: string): void {
    this.#upstream = upstream;
  }

  /** Cut the connection before the request reaches the app. */
  lose(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res }) => void res.destroy());
  }

  /** Let the app act on the request, and cut the connection before the answer. */
  loseAnswer(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res, deliver }) => {
      await deliver();
      res.destroy();
    });
  }

  /** Answer 503 instead of the app. */
  refuse(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res }) => faultNamed('503 with a page').answer(res, null, undefined));
  }

  /** Answer with an “offline” page under status 200 instead of the app. */
  answerOffline(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res }) => faultNamed('200 with a page').answer(res, null, undefined));
  }

  /** Hold requests back. */
  hold(which: Which): Held {
    const arrival = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<'deliver' | 'lose'>();
    const rule = this.#add(which, Infinity, async ({ res, deliver }) => {
      arrival.resolve();
      if ((await outcome.promise) === 'lose') res.destroy();
      else send(res, await deliver());
    });
    const end = (how: 'deliver' | 'lose'): void => {
      this.#rules = this.#rules.filter((other) => other !== rule);
      outcome.resolve(how);
    };
    return { arrived: arrival.promise, release: () => end('deliver'), lose: () => end('lose') };
  }

  /** Pass everything on again. Requests that are held stay held. */
  mend(): void {
    this.#rules = [];
  }

  /** Start afresh, with no rule and no counted request. */
  reset(): void {
    this.mend();
    this.#arrivals = [];
  }

  /** The requests that have arrived since the last reset, in order. */
  arrivals(which: Which = /^/): Arrival[] {
    return this.#arrivals.filter((arrival) => matches(which, arrival));
  }

  /** Cut all connections, including connections in use. */
  cutAll(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.cutAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #add(which: Which, timesLeft: number, fate: Fate): Rule {
    const rule = { which, timesLeft, fate };
    this.#rules.unshift(rule);
    return rule;
  }

  async #carry(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = req;
    const arrival: Arrival = { method, path, cookie: headers.cookie, status: null, setCookie: [] };
    this.#arrivals.push(arrival);
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const deliver = async (): Promise<GenuineAnswer> => {
      const answer = await forward(this.#upstream, { method, path, headers, body: Buffer.concat(chunks) });
      arrival.status = answer.status;
      arrival.setCookie = answer.headers['set-cookie'] ?? [];
      return answer;
    };
    const rule = this.#rules.find((each) => each.timesLeft > 0 && matches(each.which, arrival));
    if (rule === undefined) return send(res, await deliver());
    rule.timesLeft--;
    return rule.fate({ res, deliver });
  }
}

function matches(which: Which, { method, path }: Arrival): boolean {
  const line = `${method} ${path}`;
  return typeof which === 'string' ? which === line : which.test(line);
}

function faultNamed(name: string): (typeof faults)[number] {
  const fault = faults.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`no fault is named ${name}`);
  return fault;
}
