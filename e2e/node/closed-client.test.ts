import { isZkpAuthError, MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const pin = '482913';
const closed = expect.objectContaining({ code: 'CLIENT_CLOSED' });

let server: TestServer;
let client: ZkpAuthClient;
let sent: string[];

beforeEach(async () => {
  server = await startServer();
  sent = [];
  client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage(),
    fetch: (...request) => {
      const [input] = request;
      sent.push(new URL(input instanceof Request ? input.url : input).pathname);
      return fetch(...request);
    },
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await client.idle();
  await server.stop();
});

describe('the client’s own fetch', () => {
  it('sends every request, those of the routes and those of the application', async () => {
    await client.register('alice', pin);
    const { headers } = await client.confirm('pay', '{}', pin);
    await client.fetch('/pay', { method: 'POST', headers, body: '{}' });
    await client.fetch('/me');
    await client.listSessions();
    await client.signOut();
    const own = sent.map((path) => path.replace('/auth', ''));
    expect(own.filter((path) => !['/pay', '/me'].includes(path))).toEqual(server.requests);
    expect(own).toEqual(expect.arrayContaining(['/register', '/pay', '/me', '/sessions', '/sign-out']));
  });

  it('is called without a `this`, which the browser’s own refuses', async () => {
    const called = vi.fn(function (this: unknown, ...request: Parameters<typeof fetch>) {
      return this === undefined ? fetch(...request) : Promise.reject(new TypeError('Illegal invocation'));
    });
    const other = new ZkpAuthClient({
      baseUrl: `${server.url}/auth`,
      origin: server.url,
      storage: new MemoryKeyStorage(),
      fetch: called,
    });
    await other.register('bob', pin);
    expect(called).toHaveBeenCalled();
  });

  it('that is no function is misuse', async () => {
    const options = { baseUrl: `${server.url}/auth`, origin: server.url, storage: new MemoryKeyStorage() };
    const other = new ZkpAuthClient({ ...options, fetch: 'fetch' as unknown as typeof fetch });
    await expect(other.getSession()).rejects.toThrow(TypeError);
  });
});

describe('a closed client', () => {
  it('rejects every call with CLIENT_CLOSED, sends nothing, and is closed once', async () => {
    await client.register('alice', pin);
    const listener = vi.fn();
    client.subscribe(listener);
    client.close();
    client.close();
    const before = sent.length;
    const calls: Promise<unknown>[] = [
      client.register('bob', pin),
      client.login('alice', pin),
      client.changePin('alice', pin, '738294'),
      client.addPasskeyUnlock('alice', pin),
      client.listSlots('alice'),
      client.removeSlot('alice', 'x'),
      client.hasLocalKey('alice'),
      client.listLocalKeys(),
      client.removeLocalKey('alice'),
      client.exportKeyBlob('alice', pin),
      client.importKeyBlob('{"userId":"alice"}', pin),
      client.getPersistence(),
      client.requestPersistence(),
      client.getSession(),
      client.fetch('/me'),
      client.confirm('pay', '{}', pin),
      client.signOut(),
      client.listSessions(),
      client.endSession('x'),
      client.endOtherSessions(),
      client.endAllSessions(),
    ];
    for (const call of calls) await expect(call).rejects.toEqual(closed);
    await client.idle();
    expect(sent).toHaveLength(before);
    expect(listener).not.toHaveBeenCalled();
  });

  it('ends what is under way, and says of each call how far it has come', async () => {
    await client.register('alice', pin);
    const outcomeAt = async (
      path: string,
      call: (of: ZkpAuthClient) => Promise<unknown>,
    ): Promise<unknown> => {
      const other = new ZkpAuthClient({ baseUrl: `${server.url}/auth`, origin: server.url, storage });
      server.network = { before: (asked) => void (asked === path && other.close()) };
      const error = await call(other).catch((failure: unknown) => failure);
      return isZkpAuthError(error) ? `${error.code} ${error.outcome}` : error;
    };
    const storage = new MemoryKeyStorage();
    const setUp = new ZkpAuthClient({ baseUrl: `${server.url}/auth`, origin: server.url, storage });
    await setUp.register('carol', pin);
    expect(await outcomeAt('/challenge', (of) => of.login('carol', pin))).toBe('CLIENT_CLOSED nothing');
    expect(await outcomeAt('/verify', (of) => of.login('carol', pin))).toBe('CLIENT_CLOSED unknown');
    server.network = {};
    await expect(setUp.login('carol', pin), 'the storage that was handed in is open').resolves.toBeDefined();
  });

  it('hears and tells other tabs nothing more', async () => {
    const channels: { closed: boolean }[] = [];
    vi.stubGlobal('location', { origin: server.url, href: `${server.url}/` });
    vi.stubGlobal(
      'BroadcastChannel',
      class extends EventTarget {
        closed = false;
        constructor() {
          super();
          channels.push(this);
        }
        postMessage(): void {
          if (this.closed) throw new DOMException('closed', 'InvalidStateError');
        }
        close(): void {
          this.closed = true;
        }
      },
    );
    const storage = new MemoryKeyStorage();
    const tab = new ZkpAuthClient({ baseUrl: `${server.url}/auth`, storage });
    await tab.getSession();
    tab.close();
    expect(channels.length).toBeGreaterThan(0);
    expect(channels.every(({ closed: isClosed }) => isClosed)).toBe(true);
  });
});
