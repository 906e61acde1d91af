import type { Server } from 'node:http';
import { generateKeyPair } from '@zkp-auth/core';
import express, { type Express, type Request } from 'express';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { requireAuth, zkpAuth } from '../src/express/index.js';
import type { AuthEvent } from '../src/index.js';
import { type Answer, expectProblem, listen, post, send } from './http-client.js';
import { createTestAuth, proofBody } from './test-client.js';
import type { TestAuth } from './test-auth.js';

const userAgent = 'Mozilla/5.0 (X11; Linux x86_64)';
const requestId = 'A-_9'.repeat(6);

const { default: express4 } = await vi.importActual<{ default: typeof express }>('express4');

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

interface Limited {
  auth: TestAuth;
  events: AuthEvent[];
  register(userId: string, headers?: Record<string, string>): Promise<Answer>;
  server: Server;
}

/** A server on which each address may register one user. */
async function start(app: Express, address?: (req: Request) => string | undefined): Promise<Limited> {
  const events: AuthEvent[] = [];
  const auth = await createTestAuth({
    limits: { registrationsByAddress: { max: 1 } },
    onEvent: (event) => void events.push(event),
  });
  const options = address === undefined ? {} : { address };
  app.use('/auth', zkpAuth(auth, options));
  app.get('/me', requireAuth(auth, options), (req, res) => void res.json(req.zkpUser));
  app.post('/pay', requireAuth(auth, { ...options, confirm: 'pay' }), (_req, res) => void res.end());
  const server = await listen(app);
  servers.push(server);
  return {
    auth,
    events,
    server,
    register: async (userId, headers = {}) =>
      post(server, '/auth/register', await proofBody(auth.calls.challenge, 'register', userId), headers),
  };
}

describe.each([
  ['Express 5', () => express()],
  ['Express 4', () => express4()],
])('the address of a request, %s', (_, createApp) => {
  it('is what the application says, and one too many is 429 with Retry-After', async () => {
    const { register, events } = await start(createApp(), (req) => req.get('X-Client'));
    const headers = { 'x-client': '203.0.113.7', 'user-agent': userAgent, 'zkp-request-id': requestId };
    expect((await register('alice', headers)).status).toBe(201);
    const refused = await register('bob', headers);
    expectProblem(refused, 429, 'RATE_LIMITED');
    const seconds = Number(refused.headers['retry-after']);
    expect(Number.isInteger(seconds)).toBe(true);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(3_600);
    expect(refused.headers['zkp-request-id']).toBe(requestId);
    expect(events.at(-1)).toMatchObject({
      type: 'rate_limited',
      userId: 'bob',
      request: { address: '203.0.113.7', userAgent, requestId },
    });
    expect((await register('bob', { ...headers, 'x-client': '203.0.113.8' })).status).toBe(201);
  });

  it('is the one that trusted proxies forward, with req.ip', async () => {
    const app = createApp();
    app.set('trust proxy', 'loopback');
    const { register } = await start(app, (req) => req.ip);
    const from = (address: string) => ({ 'x-forwarded-for': `192.0.2.1, ${address}` });
    expect((await register('alice', from('203.0.113.7'))).status).toBe(201);
    expectProblem(await register('bob', from('203.0.113.7')), 429, 'RATE_LIMITED');
    expect((await register('bob', from('203.0.113.8'))).status).toBe(201);
  });

  it('is unknown by default if the other end is local, since it may be the proxy of everybody', async () => {
    const { register, events } = await start(createApp());
    for (let n = 0; n < 5; n++) expect((await register(`user-${n}`)).status).toBe(201);
    for (let n = 5; n < 10; n++)
      expect((await register(`user-${n}`, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(201);
    for (const { request } of events) expect(request ?? {}).not.toHaveProperty('address');
  });

  it('is in the events of guarded routes as well', async () => {
    const { auth, server, events } = await start(createApp(), () => '203.0.113.7');
    const keys = generateKeyPair();
    const registered = await auth.calls.register(
      await proofBody(auth.calls.challenge, 'register', 'alice', { keys }),
    );
    const { token } = registered as { token: string };
    const headers = { authorization: `DPoP ${token}`, 'user-agent': userAgent, 'zkp-request-id': requestId };
    await send(server, '/me', { headers: { ...headers, dpop: 'none' } });
    await send(server, '/pay', {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}`, 'zkp-confirmation': 'none' },
    });
    const caused = events.filter(({ type }) => type !== 'registered' && type !== 'session_started');
    for (const event of caused)
      expect(event).toMatchObject({ request: { address: '203.0.113.7', userAgent, requestId } });
  });

  it('that the application fails to tell is a fault of the server, and no other request is harmed', async () => {
    const { register } = await start(createApp(), (req) => {
      if (req.get('x-client') === undefined) throw new Error('no header');
      return req.get('x-client');
    });
    expect((await register('alice')).status).toBe(500);
    expect((await register('alice', { 'x-client': '203.0.113.7' })).status).toBe(201);
  });

  it('an id that is none is not in the events', async () => {
    const { register, events } = await start(createApp(), () => '203.0.113.7');
    await register('alice', { 'zkp-request-id': 'short', 'user-agent': userAgent });
    expect(events[0]?.request).toEqual({ address: '203.0.113.7', userAgent });
  });
});

it('an address that is no function does not start', async () => {
  const { auth } = await start(express());
  for (const address of ['203.0.113.7', true, null]) {
    const options = { address } as never;
    expect(() => zkpAuth(auth, options)).toThrow('address: pass a function that gives the IP address');
    expect(() => requireAuth(auth, options)).toThrow(TypeError);
  }
});
