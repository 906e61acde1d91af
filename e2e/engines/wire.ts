import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { faults, forward, type GenuineAnswer, send } from '../node/middlebox.ts';

/** A request as it came over the wire. */
export interface Arrival {
  method: string;
  path: string;
  cookie: string | undefined;
  /** What the app answered; null when the request did not reach it, or while it has not answered. */
  status: number | null;
  setCookie: readonly string[];
}

/** Which requests: a method and a path as in `POST /auth/register`, or a pattern over such a text. */
export type Which = string | RegExp;

/** What happens to a request in place of its being passed on. */
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
  /** Until the first one has arrived. */
  arrived: Promise<void>;
  /** Pass on what is held, and hold no more. */
  release(): void;
  /** Cut what is held, and hold no more. */
  lose(): void;
}

/**
 * The line between browser and app: a proxy in the test's process, honest until it is told otherwise. It stands in for
 * a browser's own means to intercept requests, which differ in each engine.
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

  /** The same place by its number. */
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

  /** Have the app act on the request, and cut the connection before the answer. */
  loseAnswer(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res, deliver }) => {
      await deliver();
      res.destroy();
    });
  }

  /** Answer 503 in the app's place. */
  refuse(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res }) => faultNamed('503 with a page').answer(res, null, undefined));
  }

  /** Answer with a page that says one is offline, under status 200, in the app's place. */
  answerOffline(which: Which, times = Infinity): void {
    this.#add(which, times, async ({ res }) => faultNamed('200 with a page').answer(res, null, undefined));
  }

  /** Keep requests back. */
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

  /** Be honest again. What is held stays so. */
  mend(): void {
    this.#rules = [];
  }

  /** Be as new: honest, and nothing counted. */
  reset(): void {
    this.mend();
    this.#arrivals = [];
  }

  /** What has arrived since the last reset, in its order. */
  arrivals(which: Which = /^/): Arrival[] {
    return this.#arrivals.filter((arrival) => matches(which, arrival));
  }

  /** Cut all connections, those in use as well. */
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
