import { VaultKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Records } from './records.ts';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

// The client may send a confirmed request again, because the server accepts each confirmation once. Nobody pays twice.

const pin = '482913';
const body = '{"amount":7}';
/** The most times that the client sends a confirmed request. */
const maxSendings = 6;

let server: TestServer;
let client: ZkpAuthClient;
let sendings: number;
/** The fate of each sending of a payment, in order. Later sendings go through. */
let ways: Way[];

/** `send` delivers the request to the server. */
type Way = (send: () => Promise<Response>) => Promise<Response>;

const lost: Way = () => Promise.reject(new TypeError('lost'));
const answerLost: Way = async (send) => {
  await send();
  throw new TypeError('answer lost');
};
const unavailable: Way = async () => new Response('busy', { status: 503 });
const limited: Way = async () => new Response('busy', { status: 429, headers: { 'Retry-After': '0' } });
const failsAfterActing: Way = async (send) => {
  await send();
  return new Response('the application says so', { status: 503 });
};

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  server = await startServer();
  client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new VaultKeyStorage(new Records()),
  });
  await client.register('alice', pin);
  sendings = 0;
  ways = [];
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    if (!request.url.endsWith('/pay')) return fetch(request);
    const way = ways[sendings++];
    return way === undefined ? fetch(request) : way(() => fetch(request));
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await server.stop();
});

async function pay(init: RequestInit = {}): Promise<Response> {
  const { headers } = await client.confirm('pay', body, pin);
  return client.fetch('/pay', {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body,
    ...init,
  });
}

describe('a confirmed request', () => {
  it.each([
    ['was lost', lost],
    ['was answered by a gateway with 503', unavailable],
    ['was answered by a limiter with 429', limited],
  ])('that %s is sent again, and acted on once', async (_, way) => {
    ways = Array<Way>(maxSendings - 1).fill(way);
    expect((await pay()).status).toBe(200);
    expect(sendings).toBe(maxSendings);
    expect(server.payments).toHaveLength(1);
  });

  it('whose answer was lost is acted on once: the call says that no answer came, and not that it was refused', async () => {
    ways = [answerLost];
    await expect(pay()).rejects.toThrow(new TypeError('answer lost'));
    expect(sendings).toBe(2);
    expect(server.payments).toHaveLength(1);
  });

  it('which the application itself answers with 503 after it acted gives that answer', async () => {
    ways = [failsAfterActing];
    const response = await pay();
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('the application says so');
    expect(server.payments).toHaveLength(1);
  });

  it('ends with what came of the first sending, if the outage lasts', async () => {
    ways = Array<Way>(99).fill(lost);
    await expect(pay()).rejects.toThrow(new TypeError('lost'));
    expect(sendings).toBe(maxSendings);
    ways = Array<Way>(99).fill(unavailable);
    sendings = 0;
    expect((await pay()).status).toBe(503);
    expect(sendings).toBe(maxSendings);
    expect(server.payments).toEqual([]);
  });

  it('that is refused the first time is refused: nothing is made of it', async () => {
    const { headers } = await client.confirm('pay', '{"amount":1}', pin);
    const sent = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body };
    const response = await client.fetch('/pay', sent);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'CONFIRMATION_REJECTED' });
    expect(sendings).toBe(1);
  });

  it('is not sent again by a second call: its confirmation may be spent', async () => {
    const { headers } = await client.confirm('pay', body, pin);
    const sent = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body };
    expect((await client.fetch('/pay', sent)).status).toBe(200);
    sendings = 0;
    ways = [lost, lost];
    await expect(client.fetch('/pay', sent)).rejects.toThrow(TypeError);
    expect(sendings).toBe(1);
    expect(server.payments).toHaveLength(1);
  });

  it('is not sent again after an abort', async () => {
    const controller = new AbortController();
    const reason = new Error('never mind');
    ways = [
      lost,
      () => {
        controller.abort(reason);
        return Promise.reject(new TypeError('lost'));
      },
    ];
    await expect(pay({ signal: controller.signal })).rejects.toBe(reason);
    expect(sendings).toBe(2);
    expect(server.payments).toEqual([]);
  });
});

it('a request without a confirmation is never sent again: nobody knows what it does', async () => {
  ways = [lost];
  await expect(client.fetch('/pay', { method: 'POST', body })).rejects.toThrow(TypeError);
  expect(sendings).toBe(1);
});
