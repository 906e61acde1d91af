import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer, as the server gave it. */
export interface GenuineAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What stands between client and server answers in the server's place. */
export interface Fault {
  name: string;
  /** @param earlier what the server answered to this address before, to another request. */
  answer(res: ServerResponse, genuine: GenuineAnswer | null, earlier: GenuineAnswer | undefined): void;
}

/** A proxy before the server, on a port of its own, that is honest until it is told otherwise. */
export interface Middlebox {
  url: string;
  /** Paths below `/auth` that were asked for, in their order. */
  asked: string[];
  /** Answer the requests that this picks in a fault's way; `reaches`: the server acts on them all the same. */
  break(picks: (nth: number, path: string) => boolean, fault: Fault, reaches: boolean): void;
  mend(): void;
  stop(): Promise<void>;
}

const page = '<!doctype html><title>Offline</title><p>You are offline.';
const html = { 'Content-Type': 'text/html' };
const problem = { 'Content-Type': 'application/problem+json' };

export function send(res: ServerResponse, { status, headers, body }: GenuineAnswer): void {
  const {
    connection: _connection,
    'keep-alive': _keepAlive,
    'transfer-encoding': _coding,
    ...kept
  } = headers;
  res.writeHead(status, kept).end(body);
}

/** Half of the body, and the connection goes. */
function sendHalf(res: ServerResponse, { status, headers, body }: GenuineAnswer): void {
  res.writeHead(status, { ...headers, 'content-length': body.length + 100 });
  res.write(body.subarray(0, body.length / 2));
  setTimeout(() => res.destroy(), 5);
}

/** The ways in which what stands between breaks in. */
export const faults: readonly Fault[] = [
  { name: '200 with a page', answer: (res) => void res.writeHead(200, html).end(page) },
  {
    name: '200 with JSON',
    answer: (res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'),
  },
  { name: '204', answer: (res) => void res.writeHead(204).end() },
  { name: '302 to a login page', answer: (res) => void res.writeHead(302, { Location: '/portal' }).end() },
  { name: '403 with a page', answer: (res) => void res.writeHead(403, html).end(page) },
  {
    name: '401 SESSION_ENDED',
    answer: (res) => void res.writeHead(401, problem).end('{"code":"SESSION_ENDED"}'),
  },
  { name: '423 PIN_LOCKED', answer: (res) => void res.writeHead(423, problem).end('{"code":"PIN_LOCKED"}') },
  {
    name: '400 INVALID_BODY',
    answer: (res) => void res.writeHead(400, problem).end('{"code":"INVALID_BODY"}'),
  },
  { name: '429 with a page', answer: (res) => void res.writeHead(429, html).end(page) },
  { name: '503 with a page', answer: (res) => void res.writeHead(503, html).end(page) },
  { name: 'nothing', answer: (res) => void res.destroy() },
  {
    name: 'half an answer',
    answer: (res, genuine, earlier) =>
      sendHalf(res, genuine ?? earlier ?? { status: 200, headers: {}, body: Buffer.from('{"a":') }),
  },
  {
    name: 'yesterday’s answer',
    answer(res, _genuine, earlier) {
      if (earlier === undefined) throw new Error('nothing was recorded for this address');
      send(res, earlier);
    },
  },
];

/** @param upstream origin of the server. @param earlier answers by path, which the middlebox also adds to. */
export async function startMiddlebox(
  upstream: () => string,
  earlier: Map<string, GenuineAnswer>,
): Promise<Middlebox> {
  let broken: { picks: (nth: number, path: string) => boolean; fault: Fault; reaches: boolean } | null = null;
  let nth = 0;
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const path = (req.url as string).replace(/^\/auth/, '');
    const isProtocol = path !== req.url;
    const fault = isProtocol && broken?.picks(nth, path) === true ? broken : null;
    if (isProtocol) {
      box.asked.push(path);
      nth++;
    }
    const genuine =
      fault?.reaches === false
        ? null
        : await forward(upstream(), {
            method: req.method,
            path: req.url,
            headers: req.headers,
            body: Buffer.concat(chunks),
          });
    if (fault !== null) fault.fault.answer(res, genuine, earlier.get(path));
    else if (genuine !== null) {
      if (genuine.status < 300 && !earlier.has(path)) earlier.set(path, genuine);
      send(res, genuine);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const box: Middlebox = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    break(picks, fault, reaches) {
      broken = { picks, fault, reaches };
      nth = 0;
    },
    mend() {
      broken = null;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return box;
}

/** Ask the server, and give its whole answer. */
export function forward(
  upstream: string,
  sent: { method: string | undefined; path: string | undefined; headers: IncomingHttpHeaders; body: Buffer },
): Promise<GenuineAnswer> {
  const { method, path, headers, body } = sent;
  return new Promise((resolve, reject) => {
    const passed = request(upstream + (path as string), { method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode as number, headers: answer.headers, body: Buffer.concat(chunks) });
    });
    passed.on('error', reject);
    passed.end(body);
  });
}
