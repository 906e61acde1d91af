import { generateKeyPair, openKeyAction, ZkpAuthError } from '@zkp-auth/core';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectProblem, listen, post, send } from '../../test/http-client.js';
import { keyRotation, pinChange, registerWithPin } from '../../test/pin-client.js';
import type { TestAuth } from '../../test/test-auth.js';
import { createTestAuth, origin, proofBody } from '../../test/test-client.js';
import { HttpVisitor } from '../testing/http-visitor.js';
import {
  requireAuth,
  sendProblem,
  userOf,
  zkpAuth,
  zkpChallenge,
  zkpRegister,
  zkpRoute,
  zkpVerify,
} from './index.js';

const { default: express4 } = await vi.importActual<{ default: typeof express }>('express4');
const challenge = { purpose: 'login', userId: 'alice', credentialId: 'A'.repeat(22) };

// `testAdapter` tests the behaviour of every adapter. This file tests Express and its applications beside that.
describe.each([
  ['Express 5', () => express()],
  ['Express 4', () => express4() as Express],
])('%s', (_, createApp) => {
  const servers: Server[] = [];
  const onError = vi.fn();
  let auth: TestAuth;

  beforeAll(async () => {
    auth = await createTestAuth({ onError });
  });
  afterAll(() => servers.forEach((server) => server.close()));

  const serve = async (prepare: (app: Express) => void): Promise<Server> => {
    const app = createApp();
    prepare(app);
    const server = await listen(app);
    servers.push(server);
    return server;
  };

  const signIn = async (server: Server, userId: string, paths = ['challenge', 'register', 'verify']) => {
    const [asked, registered, verified] = paths.map((path) => `/auth/${path}`) as [string, string, string];
    const keys = generateKeyPair();
    const ask = async (body: unknown) => (await post(server, asked, body)).json;
    const created = await post(server, registered, await proofBody(ask, 'register', userId, { keys }));
    expect(created.status).toBe(201);
    return post(server, verified, await proofBody(ask, 'login', userId, { keys }), { origin });
  };

  it('works behind the application’s own JSON parser', async () => {
    const server = await serve((app) => app.use(express.json()).use('/auth', zkpAuth(auth)));
    expect((await signIn(server, 'behind-a-parser')).status).toBe(200);
    expectProblem(await post(server, '/auth/verify', []), 400, 'INVALID_BODY');
    const large = { x: 'x'.repeat(17_000) };
    expectProblem(await post(server, '/auth/verify', large), 413, 'PAYLOAD_TOO_LARGE');
  });

  it('leaves the application’s own cookies and unknown methods alone', async () => {
    const url = await new Promise<string>((resolve) => {
      void serve((app) => {
        app.use((_req, res, next) => {
          res.append('Set-Cookie', 'theirs=kept; Path=/');
          next();
        });
        app.use('/auth', (req, res, next) => cookieAuth(req, res, next));
      }).then((server) => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    });
    const cookieAuth: RequestHandler = zkpAuth(
      await createTestAuth({ origins: [url], audiences: [url], sessions: { carriage: 'cookie' } }),
    );
    const visitor = await HttpVisitor.register(url, 'with-cookies');
    expect([...visitor.cookies.keys()].sort()).toEqual(['theirs', `zkp-refresh-${new URL(url).port}`]);
    await visitor.post('/auth/sign-out', visitor.sessionBody());
    expect([...visitor.cookies.keys()]).toEqual(['theirs']);
    const answer = await send(servers.at(-1) as Server, '/auth/challenge', { method: 'PROPFIND' });
    expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
  });

  it('the handlers of single routes mount anywhere', async () => {
    const server = await serve((app) => {
      app.post('/auth/c', zkpChallenge(auth));
      app.post('/auth/r', zkpRegister(auth));
      app.post('/auth/v', zkpVerify(auth));
      app.post('/auth/p', zkpRoute(auth, 'pin'));
      app.use('/auth/k', zkpRoute(auth, 'rotateKey'));
      app.use('/auth/s', zkpRoute(auth, 'sessions', { rateLimitHook: (_req, _res, next) => next('slow') }));
    });
    expect((await signIn(server, 'mounted', ['c', 'r', 'v'])).status).toBe(200);
    const record = await registerWithPin(auth, 'mounted-too', '493817');
    const { body, record: changed } = await pinChange(auth, record, '493817');
    const answer = await post(server, '/auth/p', body);
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect((await post(server, '/auth/k', (await keyRotation(auth, changed, '493817')).body)).status).toBe(
      200,
    );
    expect((await send(server, '/auth/s')).status).toBe(500);
  });

  it('lets a middleware before the router refuse in its way', async () => {
    const server = await serve((app) =>
      app
        .use('/auth/register', (req, res) =>
          sendProblem(auth, req, res, new ZkpAuthError('REGISTRATION_DENIED')),
        )
        .use('/auth', zkpAuth(auth)),
    );
    const id = 'A-_9'.repeat(6);
    const answer = await post(server, '/auth/register', {}, { 'zkp-request-id': id });
    expectProblem(answer, 403, 'REGISTRATION_DENIED');
    expect(answer.headers['zkp-request-id']).toBe(id);
  });

  describe('rateLimitHook', () => {
    const limited = (rateLimitHook: RequestHandler): Promise<Server> =>
      serve((app) => app.use('/auth', zkpAuth(auth, { rateLimitHook })));

    it('lets through by next(), with null or later', async () => {
      const hooks: RequestHandler[] = [
        (_req, _res, next) => void setTimeout(next, 5),
        (_req, _res, next) => next(null),
      ];
      for (const hook of hooks) {
        expect((await post(await limited(hook), '/auth/challenge', challenge)).status).toBe(200);
      }
    });

    it('refuses by an error that limiters follow the conventions with', async () => {
      const slow = Object.assign(new Error('slow'), { status: 429 });
      const hooks: RequestHandler[] = [
        (_req, _res, next) => next(slow),
        () => Promise.reject(slow) as never,
        () => {
          throw slow;
        },
      ];
      for (const hook of hooks) {
        const answer = await post(await limited(hook), '/auth/challenge', challenge);
        expectProblem(answer, 429, 'RATE_LIMITED');
        expect(answer.headers['retry-after']).toBe('1');
      }
    });

    it('refuses by answering itself', async () => {
      const server = await limited((_req, res) => void res.status(429).send('slow down'));
      const answer = await post(server, '/auth/challenge', challenge);
      expect(answer).toMatchObject({ status: 429, text: 'slow down' });
    });
  });

  describe('requireAuth', () => {
    const faults: unknown[] = [];
    const onFault: ErrorRequestHandler = (error, _req, res, _next) => {
      faults.push(error);
      res.status(500).end();
    };

    it('types its request: userOf gives the person, and throws where no guard came before', async () => {
      const server = await serve((app) => {
        app.get('/me', requireAuth(auth), (req, res) => {
          const { userId, credentialId } = userOf(req);
          res.json({ userId, credentialId, same: req.zkpUser === userOf(req) });
        });
        app.get('/open', (req, res) => void res.json(userOf(req)));
        app.use('/auth', zkpAuth(auth)).use(onFault);
      });
      const { json } = await signIn(server, 'typed');
      const me = await send(server, '/me', { headers: { authorization: `Bearer ${json.token}` } });
      expect(me.json).toEqual({ userId: 'typed', credentialId: json.credentialId, same: true });
      expect((await send(server, '/open')).status).toBe(500);
      expect(faults.pop()).toBeInstanceOf(TypeError);
    });

    it('leaves the confirmed body in req.body: parsed if it is JSON, else its bytes', async () => {
      let url = '';
      const app = createApp();
      const server = await listen(app);
      servers.push(server);
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const own = await createTestAuth({
        origins: [url],
        audiences: [url],
        sessions: { carriage: 'cookie' },
      });
      app.use('/auth', zkpAuth(own));
      const echo: RequestHandler = (req, res) =>
        void res.json(
          Buffer.isBuffer(req.body) ? { bytes: String(req.body) } : { json: req.body as unknown },
        );
      app.post('/pay', requireAuth(own, { confirm: 'pay' }), echo);
      app.post(
        '/named',
        requireAuth(own, { confirm: { action: (req) => String(req.headers['x-action']) } }),
        echo,
      );
      app.post('/parsed', express.json(), requireAuth(own, { confirm: 'pay' }), echo);
      app.use(onFault);
      const visitor = await HttpVisitor.register(url, 'confirms');
      const asked = { action: 'pay', confirmed: '{"amount":5}' };
      expect((await visitor.confirm('/pay', asked)).json).toEqual({ json: { amount: 5 } });
      const text = { action: 'pay', confirmed: 'five', type: 'text/plain' };
      expect((await visitor.confirm('/pay', text)).json).toEqual({ bytes: 'five' });
      const named = { ...asked, action: 'named', headers: { 'x-action': 'named' } };
      expect((await visitor.confirm('/named', named)).status).toBe(200);
      const reserved = { ...named, headers: { 'x-action': openKeyAction } };
      expect((await visitor.confirm('/named', reserved)).status).toBe(500);
      expect(faults.pop()).toBeInstanceOf(TypeError);
      // The person confirms the bytes, and a parser has taken them.
      expect((await visitor.confirm('/parsed', asked)).status).toBe(500);
      expect(faults.pop()).toBeInstanceOf(TypeError);
    });

    it('does not start with an action of the SDK’s own', () => {
      for (const confirm of [openKeyAction, { action: 'zkp-auth:other' }]) {
        expect(() => requireAuth(auth, { confirm })).toThrow(TypeError);
      }
    });
  });
});
