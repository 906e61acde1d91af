import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, type KeyPair, openKeyAction } from '@zkp-auth/core';
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  requireAuth,
  type RequireAuthOptions,
  zkpAuth,
  zkpEndSessions,
  zkpOpenKey,
  zkpRefresh,
  zkpSessions,
  zkpSignOut,
} from '../src/express/index.js';
import { type RequestFacts, type ZkpAuth, ZkpAuthError } from '../src/index.js';
import { confirmation, confirmationBody } from './confirmation.js';
import { headersOf, httpAuth, takeHeaders } from './http-auth.js';
import { type Answer, expectProblem, listen, send, type SendOptions } from './http-client.js';
import { type BrowserAuth, newSessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth } from './test-client.js';

type HttpBrowser = TestBrowser<BrowserAuth>;

const own = 'theirs=kept; Path=/';

/** The adapter's tests of sessions, in cookies on loopback, for one release line of Express. */
export function expressSessionsSuite(createApp: () => Express, jsonParser: () => RequestHandler): void {
  let auth: ZkpAuth;
  let app: Express;
  let server: Server;
  let url: string;
  const keys = new Map<string, KeyPair>();
  const onError = vi.fn();
  const faults: unknown[] = [];

  const echo = (req: Request, res: Response): void => {
    const isBytes = Buffer.isBuffer(req.body);
    res.json({ user: req.zkpUser?.userId, isBytes, body: isBytes ? String(req.body) : req.body });
  };
  const guarded = (path: string, options: RequireAuthOptions): void => {
    app.all(path, requireAuth(auth, options), echo);
  };

  beforeAll(async () => {
    app = createApp();
    server = await listen(app);
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { origins: [url], audiences: [url], onError };
    auth = await createTestAuth({ ...options, sessions: { carriage: 'cookie', unbound: 'refuse' } });
    app.use((_req, res, next) => {
      res.append('Set-Cookie', own);
      next();
    });
    app.use('/auth', zkpAuth(auth));
    guarded('/me', {});
    guarded('/recent', { maxAgeMs: 0 });
    guarded('/stateless', { stateless: true });
    guarded('/transfer', { confirm: 'transfer' });
    guarded('/small', { confirm: { action: 'small', limitBytes: 16 } });
    guarded('/named', { confirm: { action: (req) => String(req.headers['x-action']) } });
    app.use('/parsed', jsonParser());
    guarded('/parsed', { confirm: 'transfer' });
    const onFault: ErrorRequestHandler = (error, _req, res, _next) => {
      faults.push(error);
      res.status(500).end();
    };
    app.use(onFault);
  });
  afterAll(() => void server.close());

  /** A browser of its own, where somebody of this name has registered. */
  const openBrowser = async (userId: string): Promise<HttpBrowser> => {
    const browser = new TestBrowser(httpAuth(server), await newSessionKey(), { origin: url, audience: url });
    const known = keys.get(userId) ?? generateKeyPair();
    if (keys.has(userId)) await browser.login(userId, known);
    else await browser.register(userId, known);
    keys.set(userId, known);
    return browser;
  };

  /** A request by the browser's page with its access token and, where it is bound, a proof by its key. */
  const ask = async (
    browser: HttpBrowser,
    path: string,
    options: SendOptions & { facts?: RequestFacts; scheme?: string } = {},
  ): Promise<Answer> => {
    const { facts: change, scheme = 'Bearer', ...rest } = options;
    const { token } = browser.current;
    const facts = {
      ...(await browser.facts(options.method ?? 'GET', path, { accessToken: token })),
      authorization: `${scheme} ${token}`,
      ...change,
    };
    const headers = { ...headersOf(facts), ...(rest.headers as Record<string, string>) };
    return takeHeaders(await send(server, path, { ...rest, headers }), facts);
  };

  /** A POST that the person confirms: what they see is `confirmed`, what is sent is `sent`. */
  const askConfirmed = async (
    browser: HttpBrowser,
    path: string,
    body: { action: string; confirmed: string; sent?: string; type?: string; headers?: object },
  ): Promise<Answer> => {
    const { action, confirmed, sent = confirmed, type = 'application/json', headers } = body;
    const { userId } = browser.current;
    const text = await confirmation(
      auth,
      {
        userId,
        keys: keys.get(userId) as KeyPair,
        action,
        payload: confirmed,
        sessionKey: browser.key?.thumbprint,
      },
      browser.site,
    );
    return ask(browser, path, {
      method: 'POST',
      headers: { 'content-type': type, ...headers } as Record<string, string>,
      body: sent,
      facts: { confirmation: text },
    });
  };

  describe('a session in a cookie', () => {
    it('begins, is refreshed, listed and ended, beside the application’s own cookies', async () => {
      const [browser, other] = [await openBrowser('alice'), await openBrowser('alice')];
      const { port } = new URL(url);
      for (const each of [browser, other]) {
        expect([...each.cookies.keys()].sort()).toEqual(['theirs', `zkp-refresh-${port}`]);
        expect(Object.keys(await each.refresh())).not.toContain('refreshToken');
        expect(each.answered('Set-Cookie')).toEqual([own, expect.stringMatching(`^zkp-refresh-${port}=`)]);
      }
      const list = await ask(browser, '/auth/sessions');
      expect(list.status).toBe(200);
      expect(list.headers['cache-control']).toBe('no-store');
      expect(list.json.sessions.map(({ current }: { current: boolean }) => current).sort()).toEqual([
        false,
        true,
      ]);
      const end = (which: object, by = browser) =>
        ask(by, '/auth/sessions/end', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(which),
        });
      expect(await end({ which: 'others' })).toMatchObject({ status: 204, text: '' });
      expect((await ask(other, '/me')).status).toBe(401);
      await expect(other.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      expect((await ask(browser, '/me')).json.user).toBe('alice');

      const third = await openBrowser('alice');
      expect((await end({ sessionId: third.current.sessionId })).status).toBe(204);
      expect((await ask(third, '/me')).status).toBe(401);
      const bob = await openBrowser('bob');
      expect((await end({ sessionId: bob.current.sessionId })).status).toBe(204);
      expect((await ask(bob, '/me')).json.user).toBe('bob');
      expect((await end({ which: 'all' })).status).toBe(204);
      expect((await ask(browser, '/me')).status).toBe(401);

      await bob.signOut();
      expect([...bob.cookies.keys()]).toEqual(['theirs']);
      expect((await ask(bob, '/me')).status).toBe(401);
      expect((await ask(bob, '/stateless')).status, 'by option').toBe(200);
    });

    it('asks for a proof by its key before it is listed, or others are ended', async () => {
      const browser = await openBrowser('carol');
      const facts = { dpop: undefined };
      expectProblem(await ask(browser, '/auth/sessions', { facts }), 401, 'INVALID_DPOP_PROOF');
      const body = JSON.stringify({ which: 'all' });
      const headers = { 'content-type': 'application/json' };
      expectProblem(
        await ask(browser, '/auth/sessions/end', { method: 'POST', headers, body, facts }),
        401,
        'INVALID_DPOP_PROOF',
      );
      expect((await ask(browser, '/me')).json.user).toBe('carol');
    });

    it('is answered with a nonce by every route that takes a proof, refusals included', async () => {
      for (const path of ['/auth/challenge', '/auth/verify', '/auth/register', '/auth/refresh']) {
        const headers = { 'content-type': 'application/json' };
        const answer = await send(server, path, { method: 'POST', headers, body: '{}' });
        expectProblem(answer, 400);
        expect(answer.headers['dpop-nonce']).toMatch(/^[\w-]{30}$/);
      }
      const browser = await openBrowser('dora');
      browser.nonce = 'stale';
      const refused = await ask(browser, '/auth/sessions');
      expectProblem(refused, 401, 'DPOP_NONCE_REQUIRED');
      expect(refused.headers['www-authenticate']).toBe('DPoP error="use_dpop_nonce"');
      expect((await ask(browser, '/auth/sessions')).status).toBe(200);
    });

    it('is refused to other sites over HTTP too', async () => {
      const browser = await openBrowser('erin');
      for (const facts of [{ origin: 'https://evil.example' }, { fetchSite: 'cross-site' }]) {
        await expect(browser.refresh({ facts })).rejects.toMatchObject({ code: 'CROSS_SITE_REQUEST' });
      }
      expect(browser.answered('Set-Cookie')).toEqual([own]);
      const body = JSON.stringify({ which: 'all' });
      const headers = { 'content-type': 'application/json' };
      for (const facts of [{ origin: 'https://evil.example' }, { fetchSite: 'cross-site' }]) {
        const answer = await ask(browser, '/auth/sessions/end', { method: 'POST', headers, body, facts });
        expectProblem(answer, 403, 'CROSS_SITE_REQUEST');
      }
      await browser.refresh();
    });

    it('is served by factories that are mounted anywhere, one by one, each with its limit', async () => {
      const browser = await openBrowser('frida');
      const limit = vi.fn<RequestHandler>((_req, _res, next) => next(new ZkpAuthError('RATE_LIMITED')));
      const free = vi.fn<RequestHandler>((_req, _res, next) => next());
      const factories = [zkpSessions, zkpEndSessions, zkpRefresh, zkpSignOut, zkpOpenKey];
      const other = createApp();
      factories.forEach((factory, i) => {
        other.use(`/limited-${i}`, factory(auth, { rateLimitHook: limit }));
        other.use(`/free-${i}`, factory(auth, { rateLimitHook: free }));
        other.use(`/plain-${i}`, factory(auth));
      });
      const started = await listen(other);
      const body = JSON.stringify({ ...browser.sessionBody(), which: 'others' });
      const headers = { 'content-type': 'application/json' };
      for (const [i, factory] of factories.entries()) {
        const method = factory === zkpSessions ? 'GET' : 'POST';
        const options = { method, headers, ...(method === 'GET' ? {} : { body }) };
        expectProblem(await send(started, `/limited-${i}`, options), 429, 'RATE_LIMITED');
        for (const path of [`/free-${i}`, `/plain-${i}`]) expectProblem(await send(started, path, options));
      }
      expect(limit).toHaveBeenCalledTimes(5);
      expect(free).toHaveBeenCalledTimes(5);
      started.close();
    });

    it.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])(
      'is listed by GET, and %s is 405',
      async (method) => {
        const answer = await send(server, '/auth/sessions', { method });
        expect(answer.status).toBe(405);
        expect(answer.headers['allow']).toBe('GET');
      },
    );
  });

  describe('a guard that asks for a confirmation', () => {
    const action = 'transfer';
    const confirmed = '{"to":"bob","amount":5}';

    it('lets through what was confirmed, once, and gives the handler exactly that', async () => {
      const browser = await openBrowser('gina');
      expect((await askConfirmed(browser, '/transfer', { action, confirmed })).json).toEqual({
        user: 'gina',
        isBytes: false,
        body: { to: 'bob', amount: 5 },
      });
      const text = { action, confirmed: 'five to bob', type: 'text/plain' };
      expect((await askConfirmed(browser, '/transfer', text)).json).toEqual({
        user: 'gina',
        isBytes: true,
        body: 'five to bob',
      });
      const nothing = { action, confirmed: '' };
      expect((await askConfirmed(browser, '/transfer', nothing)).json).toMatchObject({
        isBytes: true,
        body: '',
      });
    });

    it.each([
      ['another payload', { action, confirmed, sent: '{"to":"eve","amount":5}' }],
      ['another action', { action: 'other', confirmed }],
      ['the opening of a key', { action: openKeyAction, confirmed: '', sent: '' }],
    ])('refuses the confirmation of %s', async (_, body) => {
      const browser = await openBrowser('hugo');
      expectProblem(await askConfirmed(browser, '/transfer', body), 403, 'CONFIRMATION_REJECTED');
    });

    it('refuses a confirmation that has been used', async () => {
      const browser = await openBrowser('ines');
      const asked = { userId: 'ines', keys: keys.get('ines') as KeyPair, action, payload: '' };
      const text = await confirmation(auth, { ...asked, sessionKey: browser.key?.thumbprint }, browser.site);
      const options = { method: 'POST', facts: { confirmation: text } };
      expect((await ask(browser, '/transfer', options)).status).toBe(200);
      expectProblem(await ask(browser, '/transfer', options), 403, 'CONFIRMATION_REJECTED');
    });

    it('says so where there is none, with or without a proof by the session’s key', async () => {
      const browser = await openBrowser('jana');
      for (const facts of [{}, { dpop: undefined }]) {
        expectProblem(
          await ask(browser, '/transfer', { method: 'POST', facts }),
          403,
          'CONFIRMATION_REQUIRED',
        );
      }
    });

    it('says so before it looks at the body', async () => {
      const browser = await openBrowser('julia');
      const over = { body: 'x'.repeat(102_401), headers: { 'content-type': 'text/plain' } };
      expectProblem(
        await ask(browser, '/transfer', { method: 'POST', ...over }),
        403,
        'CONFIRMATION_REQUIRED',
      );
    });

    it('refuses one that a stolen access token goes with: it takes the session’s key as well', async () => {
      const browser = await openBrowser('kurt');
      const facts = { dpop: undefined, confirmation: 'AAAA' };
      expectProblem(await ask(browser, '/transfer', { method: 'POST', facts }), 401, 'INVALID_DPOP_PROOF');
    });

    it('refuses a body that is too large, compressed, or no JSON where it says so', async () => {
      const browser = await openBrowser('lars');
      const small = { action: 'small', type: 'text/plain' };
      expect((await askConfirmed(browser, '/small', { ...small, confirmed: 'x'.repeat(16) })).status).toBe(
        200,
      );
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        const large = { ...small, confirmed: 'x'.repeat(17), headers };
        expectProblem(await askConfirmed(browser, '/small', large), 413, 'PAYLOAD_TOO_LARGE');
      }
      const over = { action, type: 'text/plain', confirmed: 'x'.repeat(102_401) };
      expectProblem(await askConfirmed(browser, '/transfer', over), 413, 'PAYLOAD_TOO_LARGE');
      const most = { action, type: 'text/plain', confirmed: 'x'.repeat(102_400) };
      expect((await askConfirmed(browser, '/transfer', most)).status).toBe(200);
      const packed = { action, confirmed, headers: { 'content-encoding': 'gzip' } };
      expectProblem(await askConfirmed(browser, '/transfer', packed), 415, 'UNSUPPORTED_MEDIA_TYPE');
      expectProblem(
        await askConfirmed(browser, '/transfer', { action, confirmed: '{' }),
        400,
        'INVALID_BODY',
      );
    });

    it('may name the action by the request, but none of the SDK’s own', async () => {
      const browser = await openBrowser('mara');
      const asked = { action: 'named', confirmed, headers: { 'x-action': 'named' } };
      expect((await askConfirmed(browser, '/named', asked)).status).toBe(200);
      const reserved = { ...asked, headers: { 'x-action': openKeyAction } };
      expect((await askConfirmed(browser, '/named', reserved)).status).toBe(500);
      expect(faults.pop()).toBeInstanceOf(TypeError);
      for (const confirm of [openKeyAction, { action: 'zkp-auth:other' }]) {
        expect(() => requireAuth(auth, { confirm })).toThrow(TypeError);
      }
    });

    it('tells the developer where a parser has come first: what is confirmed are the bytes', async () => {
      const browser = await openBrowser('nora');
      expect((await askConfirmed(browser, '/parsed', { action, confirmed })).status).toBe(500);
      expect(faults.pop()).toBeInstanceOf(TypeError);
    });
  });

  describe('other guards', () => {
    it('ask for a recent sign-in', async () => {
      const browser = await openBrowser('olaf');
      await new Promise((resolve) => setTimeout(resolve, 5));
      expectProblem(await ask(browser, '/recent'), 403, 'REAUTHENTICATION_REQUIRED');
      expect((await ask(browser, '/me')).status).toBe(200);
    });
  });

  describe('opening a key', () => {
    it('is answered with 204, and takes a confirmation once', async () => {
      await openBrowser('paul');
      const asked = { userId: 'paul', keys: keys.get('paul') as KeyPair, action: openKeyAction, payload: '' };
      const body = await confirmationBody(auth, asked, { origin: url, audience: url });
      const open = () =>
        send(server, '/auth/open-key', {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: url },
          body: JSON.stringify(body),
        });
      expect(await open()).toMatchObject({ status: 204, text: '' });
      expectProblem(await open(), 401, 'PROOF_REJECTED');
    });
  });

  it('a thousand requests with malformed headers are refused with 4xx, and an honest session goes on', async () => {
    const browser = await openBrowser('quinn');
    const { token } = browser.current;
    const { dpop } = await browser.facts('GET', '/me', { accessToken: token });
    const [cookie] = [...browser.cookies].map(([name, value]) => `${name}=${value}`).slice(-1);
    const text = fc.string({ unit: fc.constantFrom(...'aB9 .,;="_-{}%'), maxLength: 60 });
    const header = (...real: (string | undefined)[]) =>
      fc.oneof(
        text,
        fc.constantFrom(...real.map((value) => value ?? '')),
        fc
          .tuple(fc.constantFrom(...real), fc.nat(200), text)
          .map(([value = '', at, bad]) => value.slice(0, at) + bad + value.slice(at + bad.length)),
      );
    const headers = fc.record(
      {
        authorization: header(`Bearer ${token}`, `DPoP ${token}`, 'Bearer', 'DPoP x.y.z'),
        dpop: header(dpop, `${dpop}, ${dpop}`, 'e30.e30.AA'),
        cookie: header(cookie, `${cookie}; ${cookie}`, 'zkp-refresh-80=x'),
        'zkp-confirmation': header('AAAA', 'e30'),
        origin: header(url, 'null'),
        'sec-fetch-site': header('same-origin', 'cross-site', 'none'),
      },
      { requiredKeys: [] },
    );
    onError.mockClear();
    const statuses = new Set<number>();
    const targets = fc.constantFrom('/transfer', '/auth/sessions/end', '/auth/refresh', '/auth/rotate-key');
    await fc.assert(
      fc.asyncProperty(targets, headers, async (path, sent) => {
        // Nobody's session, so that no genuine cookie refreshes it.
        const body = JSON.stringify({ sessionId: 'A'.repeat(43), audience: url });
        const answer = await send(server, path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...sent },
          body,
        });
        statuses.add(answer.status);
        expectProblem(answer);
      }),
      { numRuns: 1_000 },
    );
    // No fault of the server: such headers look like a wrong set-up.
    for (const [error] of onError.mock.calls) expect(error).toMatchObject({ name: 'SetUpWarning' });
    expect(faults).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining([401, 403]));
    await browser.refresh();
  });
}
