import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

const pin = '482913';
const minute = 60_000;

let server: TestServer;
let client: ZkpAuthClient;
let nowMs: number;

/** Make `fetch` reject with an error of its own after an abort, as WebKit does. */
function stubWebKit(): void {
  const platform = globalThis.fetch;
  vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
    try {
      return await platform(...request);
    } catch (error) {
      const { signal } = new Request(...request);
      throw signal.aborted ? new DOMException('Fetch is aborted', 'AbortError') : error;
    }
  });
}

beforeEach(async () => {
  nowMs = Date.now();
  server = await startServer({ now: () => nowMs });
  client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage(),
    pinPolicy: { allowCommon: true },
  });
  await client.register('alice', pin);
  await client.login('alice', pin);
  await client.idle();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await client.idle();
  await server.stop();
});

describe.each([
  ['as the specification says', () => undefined],
  ['with WebKit’s own error', stubWebKit],
])('client.fetch on a platform that rejects %s', (_, stub) => {
  let controller: AbortController;
  const reason = new Error('the page went elsewhere');
  const giveUp = (): Promise<never> => {
    controller.abort(reason);
    return new Promise(() => undefined);
  };
  beforeEach(() => {
    controller = new AbortController();
    stub();
  });

  it.each([
    ['init', (signal: AbortSignal) => client.fetch('/me', { signal })],
    ['a Request', (signal: AbortSignal) => client.fetch(new Request(`${server.url}/me`, { signal }))],
    [
      'init, in the place of the Request’s own',
      (signal: AbortSignal) =>
        client.fetch(new Request(`${server.url}/me`, { signal: new AbortController().signal }), { signal }),
    ],
  ])('rejects with the reason of the signal in %s', async (_where, send) => {
    server.onGuarded = giveUp;
    await expect(send(controller.signal), 'while it waits').rejects.toBe(reason);
    server.onGuarded = undefined;
    await expect(send(controller.signal), 'before it is sent').rejects.toBe(reason);
  });

  it('follows no signal of a Request if init takes it away', async () => {
    const request = new Request(`${server.url}/me`, { signal: AbortSignal.abort(reason) });
    expect((await client.fetch(request, { signal: null })).status).toBe(200);
  });

  it('rejects with the reason during a refresh', async () => {
    nowMs += 11 * minute;
    server.network = {
      before: async (path) => {
        if (path === '/refresh') controller.abort(reason);
      },
    };
    await expect(client.fetch('/me', { signal: controller.signal })).rejects.toBe(reason);
    server.network = {};
    expect((await client.fetch('/me')).status).toBe(200);
  });

  it('rejects with the reason during the second sending', async () => {
    let sendings = 0;
    server.onGuarded = async () => {
      sendings++;
      if (sendings === 1) return 401;
      return giveUp();
    };
    await expect(client.fetch('/me', { signal: controller.signal })).rejects.toBe(reason);
    expect(sendings).toBe(2);
  });

  it('rejects with a TimeoutError after AbortSignal.timeout', async () => {
    server.onGuarded = () => new Promise(() => undefined);
    const failure = client.fetch('/me', { signal: AbortSignal.timeout(50) });
    await expect(failure).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
