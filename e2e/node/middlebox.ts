import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of the server, unchanged. */
export interface GenuineAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A fault of a machine between client and server, which answers instead of the server. */
export interface Fault {
  name: string;
  /** @param earlier the server's last answer at this address, to another request. */
  answer(res: ServerResponse, genuine: GenuineAnswer | null, earlier: GenuineAnswer | undefined): void;
}

/** A proxy in front of the server, on a port of its own. It passes everything on until a test breaks it. */
export interface Middlebox {
  url: string;
  /** The requested paths below `/auth`, in order. */
  asked: string[];
  /** Answer the picked requests with a fault. If `reaches`, the server acts on them nevertheless. */
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

/** Send half of the body, and close the connection. */
function sendHalf(res: ServerResponse, { status, headers, body }: GenuineAnswer): void {
  res.writeHead(status, { ...headers, 'content-length': body.length + 100 });
  res.write(body.subarray(0, body.length / 2));
  setTimeout(() => res.destroy(), 5);
}

/** The ways in which a machine between client and server fails. */
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

/**
 * @param upstream origin of the server.
 * @param earlier answers by path. The middlebox adds to them.
 */
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

/** Send the request to the server, and give its whole answer. */
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
