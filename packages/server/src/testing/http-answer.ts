import assert from 'node:assert/strict';
import { Agent, request, type RequestOptions } from 'node:http';

/** A whole answer. */
export interface HttpTestAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** The body as JSON; `undefined` if it is none. */
  // oxlint-disable-next-line no-explicit-any -- a test reads whatever came
  json: any;
}

export type SendOptions = RequestOptions & { body?: string | Uint8Array | undefined };

const agent = new Agent({ keepAlive: true });

/** Send one request, with exactly this path, to a server on this machine. */
export function send(
  url: string,
  path: string,
  { body, ...options }: SendOptions = {},
): Promise<HttpTestAnswer> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const req = request({ host, port, path, agent, ...options }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: jsonOf(text) });
      });
    });
    req.on('error', (error) => {
      // The server may close a kept connection at the moment of its next use.
      if (req.reusedSocket) resolve(send(url, path, { body, ...options }));
      else reject(error);
    });
    req.end(body);
  });
}

/** A POST of JSON. */
export function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<HttpTestAnswer> {
  return send(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A refusal is a problem document that no cache keeps, and that reveals nothing about the server's internals. */
export function assertProblem(answer: HttpTestAnswer, status?: number, code?: string): void {
  const { headers, json, text } = answer;
  assert.equal(answer.status, status ?? answer.status, `the status of ${text.slice(0, 300)}`);
  assert.ok(
    answer.status >= 400 && answer.status < 600,
    `${answer.status} is no refusal: ${text.slice(0, 300)}`,
  );
  assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  const { cookie, ...members } = json as Record<string, unknown>;
  assert.deepEqual(Object.keys(members).sort(), ['code', 'detail', 'status', 'title', 'type']);
  assert.ok(cookie === undefined || (cookie === 'missing' && json.code === 'SESSION_ENDED'));
  assert.equal(json.type, 'about:blank');
  assert.equal(json.status, answer.status);
  assert.match(json.code, /^[A-Z_]+$/);
  if (code !== undefined) assert.equal(json.code, code);
  assert.doesNotMatch(text, /at .*\.(js|ts):\d+|node_modules/);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
