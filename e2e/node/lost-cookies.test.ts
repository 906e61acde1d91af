import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const pin = '482913';
const minute = 60_000;

let server: TestServer;
let client: ZkpAuthClient;
let nowMs: number;
let warnings: unknown[];

beforeEach(async () => {
  nowMs = Date.now();
  warnings = [];
  server = await startServer({
    now: () => nowMs,
    sessions: { carriage: 'cookie' },
    onError: (error) => void warnings.push(error),
  });
  client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } }),
    pinPolicy: { allowCommon: true },
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await client.idle();
  await server.stop();
});

/** Make `fetch` show a page only the headers that CORS exposes by default, and so no `DPoP-Nonce`. */
function hideNonce(): void {
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
    const response = await fetch(...request);
    const headers = new Headers(response.headers);
    headers.delete('DPoP-Nonce');
    return new Response(response.body, { status: response.status, headers });
  });
}

/** Make `fetch` send the headers that a browser adds to a request, beside cookies. */
function sendOrigin(): void {
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (...[input, init]: Parameters<typeof fetch>) => {
    const request = new Request(input, init);
    request.headers.set('Origin', server.url);
    return fetch(request);
  });
}

describe('a client whose cookies never come back', () => {
  it('works for as long as its token, and is then told that the cookie is missing', async () => {
    sendOrigin();
    await client.register('alice', pin);
    expect((await client.fetch('/me')).status).toBe(200);
    nowMs += 11 * minute;
    await expect(client.fetch('/me')).rejects.toMatchObject({
      code: 'SESSION_ENDED',
      cookie: 'missing',
      message: expect.stringMatching(/^The cookie of the session did not come with the request\. .*CORS/),
    });
    expect(client.getSnapshot()).toMatchObject({
      session: null,
      endedSession: { userId: 'alice', cookie: 'missing' },
    });
    expect(warnings).toEqual([]);
    await client.login('alice', pin);
    expect(client.getSnapshot().endedSession).toBeNull();
  });

  it('and that sends no Origin, as under Node.js, is told what it lacks, and so is the server', async () => {
    await client.register('alice', pin);
    nowMs += 11 * minute;
    await expect(client.fetch('/me')).rejects.toMatchObject({
      code: 'CROSS_SITE_REQUEST',
      message: expect.stringMatching(/neither an Origin header nor the cookie .*carriage: "bearer"/),
    });
    expect(warnings).toMatchObject([{ name: 'SetUpWarning', reason: 'no_origin' }]);
  });

  it('is told nothing of cookies if its session has ended otherwise', async () => {
    await server.stop();
    server = await startServer({ now: () => nowMs });
    client = new ZkpAuthClient({
      baseUrl: `${server.url}/auth`,
      origin: server.url,
      storage: new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } }),
      pinPolicy: { allowCommon: true },
    });
    await client.register('alice', pin);
    await server.auth.endAllSessions('alice');
    await expect(client.fetch('/me')).rejects.toMatchObject({
      code: 'SESSION_ENDED',
      cookie: undefined,
      message: 'The session has ended.',
    });
    expect(client.getSnapshot().endedSession).not.toHaveProperty('cookie');
  });
});

it('a page that cannot read the nonce is told which header CORS has to expose', async () => {
  hideNonce();
  await expect(client.register('alice', pin)).rejects.toMatchObject({
    code: 'DPOP_NONCE_REQUIRED',
    message: expect.stringContaining('Access-Control-Expose-Headers: DPoP-Nonce'),
  });
});
