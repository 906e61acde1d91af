import { isZkpAuthError, MemoryKeyStorage, type Session, ZkpAuthClient } from '@zkp-auth/client';
import { confirmationHeader } from '@zkp-auth/core';
import { generateKeyPair, generateProof } from 'dpop';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const pin = '482913';
const minute = 60_000;
const day = 86_400_000;

let server: TestServer;
let storage: MemoryKeyStorage;
let client: ZkpAuthClient;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.now();
  server = await startServer({ now: () => nowMs });
  storage = new MemoryKeyStorage({ argon2 });
  client = device();
  await client.register('alice', pin, { deviceName: 'Laptop' });
});
afterEach(async () => {
  vi.useRealTimers();
  await client.idle();
  await server.stop();
});

/** Another browser with the same key. Browsers do not share sessions. */
const device = (): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage,
    pinPolicy: { allowCommon: true },
  });
const code = (expected: string) => expect.objectContaining({ code: expected });
const me = async (of: ZkpAuthClient): Promise<number | string> =>
  of.fetch('/me').then(
    async (response) => {
      await response.text();
      return response.status;
    },
    (error: unknown) => (isZkpAuthError(error) ? error.code : String(error)),
  );
const asked = (path: string): number => server.requests.filter((request) => request === path).length;
const events = (type: string) => server.events.filter((event) => event.type === type);

describe('a session', () => {
  it('is refreshed when its token has ended, and the requests of a page at once need one refresh', async () => {
    await client.login('alice', pin);
    nowMs += 11 * minute;
    expect(await Promise.all(Array.from({ length: 20 }, () => me(client)))).toEqual(Array(20).fill(200));
    // Two requests, because the nonce has expired as well.
    expect(asked('/refresh')).toBe(2);
    expect(events('refresh_reuse_detected')).toEqual([]);
  });

  it.each([-1, 1])('works with a device clock that is %i hour off', async (hours) => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs + hours * 3_600_000 });
    await client.login('alice', pin);
    expect(await me(client)).toBe(200);
    nowMs += 11 * minute;
    expect(await me(client)).toBe(200);
    vi.setSystemTime(Date.now() + 11 * minute);
    expect(await me(client)).toBe(200);
    const { headers } = await client.confirm('pay', '{}', pin);
    expect((await client.fetch('/pay', { method: 'POST', headers, body: '{}' })).status).toBe(200);
  });

  it('survives lost answers: the client is given the same successor again', async () => {
    await client.login('alice', pin);
    nowMs += 11 * minute;
    server.network = { dropAnswer: (path) => path === '/refresh' };
    expect(await me(client)).toBe('NETWORK_ERROR');
    server.network = {};
    expect(await me(client)).toBe(200);
    nowMs += 11 * minute;
    expect(await me(client)).toBe(200);
    expect(events('refresh_reuse_detected')).toEqual([]);
  });

  it('has its idle end and its absolute end, and both are told as SESSION_ENDED', async () => {
    await client.login('alice', pin);
    nowMs += 8 * day;
    expect(await me(client)).toBe('SESSION_ENDED');
    expect(client.getSnapshot().session).toBeNull();
    expect(await client.getSession()).toBeNull();
    await client.login('alice', pin);
    for (let used = 0; used < 5; used++) {
      nowMs += 6 * day - minute;
      expect(await me(client), `after ${used * 6} days of use`).toBe(200);
    }
    nowMs += 6 * minute;
    expect(await me(client)).toBe('SESSION_ENDED');
  });

  it('is started anew by each sign-in, and the one before on this device is over', async () => {
    const first = await client.login('alice', pin);
    const second = await client.login('alice', pin);
    expect(second.sessionId).not.toBe(first.sessionId);
    await vi.waitFor(async () =>
      expect((await client.listSessions()).map(({ sessionId }) => sessionId)).toEqual([second.sessionId]),
    );
  });

  it('is none where the server has none for a registration', async () => {
    await server.stop();
    server = await startServer({ sessionOnRegister: false });
    client = device();
    expect((await client.register('bob', pin)).session).toBeNull();
    expect(await client.getSession()).toBeNull();
  });
});

describe('a thief', () => {
  it('with the refresh token and without the session’s key gets nothing, and with another key ends it', async () => {
    let stolen: Record<string, unknown> = {};
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
      const response = await fetch(...request);
      if (response.url.endsWith('/verify')) stolen = (await response.clone().json()) as typeof stolen;
      return response;
    });
    const session = await client.login('alice', pin);
    vi.unstubAllGlobals();
    expect(session).not.toHaveProperty('refreshToken');
    const { sessionId, refreshToken } = stolen;
    const present = (headers: Record<string, string>) =>
      fetch(`${server.url}/auth/refresh`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ sessionId, refreshToken, audience: server.url }),
      });
    const refused = await present({});
    expect(await refused.json()).toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    expect(await me(client)).toBe(200);

    const nonce = refused.headers.get('DPoP-Nonce') ?? undefined;
    const DPoP = await generateProof(
      await generateKeyPair('ES256'),
      `${server.url}/auth/refresh`,
      'POST',
      nonce,
    );
    expect(await (await present({ DPoP })).json()).toMatchObject({ code: 'SESSION_ENDED' });
    expect(events('refresh_reuse_detected')).toMatchObject([{ userId: 'alice', sessionId }]);
    expect(await me(client)).toBe('SESSION_ENDED');
  });
});

describe('ending sessions', () => {
  let other: ZkpAuthClient;
  let here: Session;
  let there: Session;
  beforeEach(async () => {
    other = device();
    here = await client.login('alice', pin);
    nowMs += minute;
    there = await other.login('alice', pin);
  });

  it('one sees them all, and which is one’s own', async () => {
    await client.signOut();
    nowMs += minute;
    here = await client.login('alice', pin);
    const list = await client.listSessions();
    expect(list).toMatchObject([
      { sessionId: here.sessionId, deviceName: 'Laptop', current: true, createdAtMs: nowMs },
      { sessionId: there.sessionId, current: false, lastUsedAtMs: nowMs - minute },
    ]);
    expect(JSON.stringify(list)).not.toContain('Hash');
  });

  it('one that is ended is refused at once, everywhere', async () => {
    expect(await me(other)).toBe(200);
    await client.endSession(there.sessionId);
    const told = await fetch(`${server.url}/me`, { headers: { Authorization: `Bearer ${there.token}` } });
    expect(told.status).toBe(401);
    expect(await me(other)).toBe('SESSION_ENDED');
    expect(await me(client)).toBe(200);
  });

  it('one’s own is signed out by that', async () => {
    await client.endSession(here.sessionId);
    expect(client.getSnapshot().session).toBeNull();
    expect(await me(client)).toBe('NO_SESSION');
    expect(await me(other)).toBe(200);
  });

  it('all others', async () => {
    await client.endOtherSessions();
    expect([await me(client), await me(other)]).toEqual([200, 'SESSION_ENDED']);
    nowMs += 11 * minute;
    expect(await me(client), 'and this one goes on').toBe(200);
  });

  it('all', async () => {
    await client.endAllSessions();
    expect([await me(client), await me(other)]).toEqual(['NO_SESSION', 'SESSION_ENDED']);
  });

  it('those of somebody else are out of reach', async () => {
    const mallory = new ZkpAuthClient({
      baseUrl: `${server.url}/auth`,
      origin: server.url,
      storage: new MemoryKeyStorage({ argon2 }),
    });
    await mallory.register('mallory', pin);
    await mallory.endSession(here.sessionId);
    await mallory.endAllSessions();
    expect(await me(client)).toBe(200);
  });

  it('revoking the credential ends them, and no refresh under way brings one back', async () => {
    nowMs += 11 * minute;
    server.network = {
      before: async (path) => {
        if (path === '/refresh') await server.auth.revokeCredential('alice', here.credentialId);
      },
    };
    expect([await me(client), await me(other)]).toEqual(['SESSION_ENDED', 'SESSION_ENDED']);
    expect(await server.auth.listSessions('alice')).toEqual([]);
  });

  it('signing out ends it at the server, with a token that has ended as well', async () => {
    nowMs += 11 * minute;
    await client.signOut();
    expect(await server.auth.listSessions('alice')).toMatchObject([{ sessionId: there.sessionId }]);
  });
});

describe('changing the key', () => {
  it('makes no session, takes none away, and gives the try back', async () => {
    const { sessionId } = await client.login('alice', pin);
    await vi.waitFor(async () =>
      expect(await server.auth.listSessions('alice')).toMatchObject([{ sessionId }]),
    );
    const before = await server.auth.listSessions('alice');
    const next = '738294';
    await client.changePin('alice', pin, next);
    const blob = await client.exportKeyBlob('alice', next);
    const phone = new ZkpAuthClient({
      baseUrl: `${server.url}/auth`,
      origin: server.url,
      storage: new MemoryKeyStorage({ argon2 }),
    });
    await phone.importKeyBlob(blob, next);
    expect(await server.auth.listSessions('alice')).toEqual(before);
    expect(await me(client)).toBe(200);
    const pins = (await server.auth.listPins('alice')).filter(({ retiredAtMs }) => retiredAtMs === null);
    expect(pins.map(({ attemptsLeft }) => attemptsLeft)).toEqual([10, 10, 10]);
    expect(events('key_opened'), 'the change, the export and the import').toHaveLength(3);
  });
});

describe('a confirmed action', () => {
  const payload = JSON.stringify({ to: 'bob', amount: 10 });
  const pay = (headers: Record<string, string>, body = payload) =>
    client.fetch('/pay', {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body,
    });
  beforeEach(() => client.login('alice', pin));

  it('is done once, for exactly what was confirmed, and gives the PIN’s try back', async () => {
    const { headers } = await client.confirm('pay', payload, pin);
    expect((await pay(headers)).status).toBe(200);
    expect(server.payments).toEqual([{ to: 'bob', amount: 10 }]);
    expect(await (await pay(headers)).json()).toMatchObject({ code: 'CONFIRMATION_REJECTED' });
    expect(server.payments).toHaveLength(1);
    expect((await server.auth.listPins('alice')).map(({ attemptsLeft }) => attemptsLeft)).toEqual([10]);
  });

  it.each([
    ['another payload', 'pay', (body: string) => body.replace('bob', 'eve')],
    ['the same value in other bytes', 'pay', (body: string) => `${body} `],
    ['another action', 'gift', (body: string) => body],
  ])('is refused for %s', async (_, action, change) => {
    const { headers } = await client.confirm(action, payload, pin);
    expect(await (await pay(headers, change(payload))).json()).toMatchObject({
      code: 'CONFIRMATION_REJECTED',
    });
    expect(server.payments).toEqual([]);
  });

  it('cannot be done with the session alone', async () => {
    expect(await (await pay({})).json()).toMatchObject({ code: 'CONFIRMATION_REQUIRED' });
    expect(await (await pay({ [confirmationHeader]: 'AAAA' })).json()).toMatchObject({
      code: 'CONFIRMATION_REJECTED',
    });
    await expect(client.confirm('pay', payload, '000000')).rejects.toEqual(code('DECRYPTION_FAILED'));
    expect(server.payments).toEqual([]);
  });

  it('is confirmed for one session: another of the same person cannot use it', async () => {
    const { headers } = await client.confirm('pay', payload, pin);
    const other = device();
    await other.login('alice', pin);
    const response = await other.fetch('/pay', { method: 'POST', headers, body: payload });
    expect(await response.json()).toMatchObject({ code: 'CONFIRMATION_REJECTED' });
  });

  it('needs a session', async () => {
    await client.signOut();
    await expect(client.confirm('pay', payload, pin)).rejects.toEqual(code('NO_SESSION'));
  });
});
