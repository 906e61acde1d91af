import { confirmationHeader, type SessionResponse } from '@zkp-auth/core';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problem, type SessionServer, stubSessionServer } from '../../test/session-server.ts';
import { connect } from '../connect.js';
import { loadManagement } from '../load-management.js';
import { MemoryKeyStorage } from '../vault/memory-key-storage.js';
import { authorizedFetch, requestTo } from './authorized-fetch.js';
import { generateSessionKey } from '../transport/dpop-signer.js';
import type { BrowserSession } from './browser-session.js';

let server: SessionServer;
let send: (...request: Parameters<typeof fetch>) => Promise<Response>;
let granted: SessionResponse;
let session: BrowserSession;

beforeEach(async () => {
  server = stubSessionServer();
  await open({});
});
afterEach(() => vi.unstubAllGlobals());

async function open(change: object): Promise<void> {
  const options = {
    baseUrl: server.baseUrl,
    origin: server.origin,
    storage: new MemoryKeyStorage(),
    apiOrigins: ['https://files.example'],
  };
  const connection = connect(options, () => undefined, loadManagement);
  const context = {
    ...connection,
    signal: undefined,
    report: () => undefined,
    later: () => undefined,
  };
  granted = server.grant(change);
  ({ session } = connection);
  await connection.session.start(await generateSessionKey(), undefined, async () => granted);
  send = (...request) => authorizedFetch(context, requestTo(context, options.apiOrigins, request));
}

const unauthenticated = () => problem(401, 'UNAUTHENTICATED', { 'WWW-Authenticate': 'Bearer' });
const asked = (path: string) => server.seen.filter((request) => request.path === path);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a request', () => {
  it('carries the access token, and no proof where none is asked for', async () => {
    expect(await (await send('/api/me')).json()).toEqual({ hello: 'world' });
    expect(asked('/api/me')).toMatchObject([
      { method: 'GET', authorization: `Bearer ${granted.token}`, dpop: null },
    ]);
  });

  it('refused with 401 is sent once more, whole, under a fresh token', async () => {
    server.next.set('/api/pay', [unauthenticated]);
    const response = await send('/api/pay', { method: 'POST', body: JSON.stringify({ amount: 7 }) });
    expect(response.status).toBe(200);
    const [first, second] = asked('/api/pay');
    expect([first?.body, second?.body]).toEqual([{ amount: 7 }, { amount: 7 }]);
    expect(second?.authorization).not.toBe(first?.authorization);
    expect(asked('/refresh')).toHaveLength(1);
  });

  it.each(['Bearer', 'DPoP error="use_dpop_nonce"'])(
    'refused with 401 (%s) is sent once more also where the rest of the refusal never comes',
    async (challenge) => {
      await open({ tokenType: 'DPoP' });
      // vitest fails a run that has an unhandled rejection.
      const broken = vi.fn(() => Promise.reject(new TypeError('terminated')));
      const body = new ReadableStream({ cancel: broken });
      server.next.set('/api/me', [
        () => new Response(body, { status: 401, headers: { 'WWW-Authenticate': challenge } }),
      ]);
      expect((await send('/api/me')).status).toBe(200);
      await vi.waitFor(() => expect(broken).toHaveBeenCalledOnce());
    },
  );

  it('refused again is the answer: it never loops', async () => {
    server.next.set(
      '/api/me',
      Array.from({ length: 9 }, () => unauthenticated),
    );
    expect((await send('/api/me')).status).toBe(401);
    expect(asked('/api/me')).toHaveLength(2);
    expect(asked('/refresh')).toHaveLength(1);
  });

  it.each([403, 404, 500])('answered with %i is not sent again', async (status) => {
    server.next.set('/api/me', [() => new Response(null, { status })]);
    expect((await send('/api/me')).status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  it('says that the session has ended where it cannot be refreshed, and then sends nothing', async () => {
    server.next.set('/api/me', [unauthenticated]);
    server.next.set('/refresh', [() => problem(401, 'SESSION_ENDED')]);
    await expect(send('/api/me')).rejects.toEqual(code('SESSION_ENDED'));
    server.seen.length = 0;
    await expect(send('/api/me')).rejects.toEqual(code('NO_SESSION'));
    expect(server.seen).toEqual([]);
  });

  it('that was begun as one person is never sent as another who signs in meanwhile', async () => {
    server.next.set('/api/pay', [
      async () => {
        const bob = server.grant({ userId: 'bob', sessionId: 'A'.repeat(43) });
        await session.start(await generateSessionKey(), undefined, async () => bob);
        return unauthenticated();
      },
    ]);
    await expect(send('/api/pay', { method: 'POST', body: '{"amount":7}' })).rejects.toEqual(
      code('SESSION_ENDED'),
    );
    expect(asked('/api/pay')).toHaveLength(1);
    expect((await send('/api/pay')).status, 'and what bob asks for is sent as bob').toBe(200);
  });

  it('to a relative address goes where fetch would send it on a page with a base', async () => {
    vi.stubGlobal('document', { baseURI: `${server.origin}/app/` });
    await send('api/me');
    await send('/api/me');
    expect(asked('/app/api/me')).toHaveLength(1);
    expect(asked('/api/me')).toHaveLength(1);
  });

  it('is refused if the page’s base leads it to a server that may not see the token', () => {
    vi.stubGlobal('document', { baseURI: 'https://evil.example/' });
    expect(() => send('/api/me')).toThrow(TypeError);
    expect(asked('/api/me')).toEqual([]);
  });

  it('that is given up is given up', async () => {
    await expect(send('/api/me', { signal: AbortSignal.abort(new Error('never mind')) })).rejects.toThrow();
    expect(asked('/api/me')).toEqual([]);
  });
});

describe('the token goes', () => {
  it.each(['https://evil.example/', '//evil.example/x', 'http://app.example/', 'https://app.example:444/'])(
    'never to %s',
    async (url) => {
      await expect(async () => send(url)).rejects.toThrow(TypeError);
      expect(server.seen).toEqual([]);
    },
  );

  it('to the origins that the application named', async () => {
    expect((await send('https://files.example/x')).status).toBe(200);
    expect((await send(new Request('https://files.example/y'))).status).toBe(200);
  });
});

describe('a token that is bound to the session’s key', () => {
  beforeEach(() => open({ tokenType: 'DPoP' }));
  const hashOf = (token: unknown) => createHash('sha256').update(String(token)).digest('base64url');

  it('goes with a proof of the key over this method, address and token', async () => {
    await send('/api/items?page=2#top', { method: 'DELETE' });
    const { token } = granted;
    expect(asked('/api/items')).toMatchObject([
      {
        authorization: `DPoP ${token}`,
        dpop: { htm: 'DELETE', htu: `${server.origin}/api/items`, ath: hashOf(token) },
      },
    ]);
  });

  it('is sent again under the server’s newest nonce, once', async () => {
    const challenge = { 'DPoP-Nonce': 'fresh', 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"' };
    const ask = () => problem(401, 'DPOP_NONCE_REQUIRED', challenge);
    server.next.set('/api/pay', [ask]);
    const response = await send('/api/pay', { method: 'POST', body: '{"amount":7}' });
    expect(response.status).toBe(200);
    expect(asked('/api/pay')).toMatchObject([
      { body: { amount: 7 } },
      { body: { amount: 7 }, dpop: { nonce: 'fresh' } },
    ]);
    expect(asked('/refresh')).toEqual([]);
    server.next.set(
      '/api/pay',
      Array.from({ length: 9 }, () => ask),
    );
    expect((await send('/api/pay')).status).toBe(401);
    expect(asked('/api/pay').length).toBeLessThanOrEqual(6);
  });
});

it('what is signed or confirmed follows no redirect: another server would be given the proof', async () => {
  const redirects: RequestRedirect[] = [];
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (request: Request) => {
    redirects.push(request.redirect);
    return fetch(request);
  });
  await send('/api/pay', { method: 'POST', headers: { [confirmationHeader]: 'x' }, body: '{}' });
  await send('/api/me');
  expect(redirects).toEqual(['error', 'follow']);
});

it('a request with a confirmation proves the session’s key in any case', async () => {
  await send('/api/pay', { method: 'POST', headers: { [confirmationHeader]: 'x' }, body: '{}' });
  expect(asked('/api/pay')).toMatchObject([{ dpop: { htm: 'POST' } }]);
});
