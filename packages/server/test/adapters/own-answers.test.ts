import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { requireAuth as expressGuard } from '../../src/express/index.js';
import { requireAuth as fastifyGuard } from '../../src/fastify/index.js';
import { fetchHandler, requireAuth as fetchGuard } from '../../src/fetch/index.js';
import type { ZkpAuth, ZkpUser } from '../../src/index.js';
import { BodyReader, requireAuth as nodeGuard, zkpAuth } from '../../src/node/index.js';
import { openAdapterFixture } from '../../src/testing/adapter-app.js';
import { plainSubject } from '../../src/testing/adapter-routes.js';
import { listening } from './listening.js';

const json = { 'content-type': 'application/json' };
const asked = { method: 'POST', headers: json, body: JSON.stringify(plainSubject) };
const user = { userId: 'alice' } as ZkpUser;

let auth: ZkpAuth;
const answered = vi.fn();

beforeEach(async () => {
  const fixture = await openAdapterFixture();
  auth = {
    ...fixture.auth,
    match: (path) => {
      const route = fixture.auth.match(path);
      return route && { ...route, answer: (request) => (answered(), route.answer(request)) };
    },
  };
  answered.mockClear();
});

describe('a limiter that answers itself ends the request', () => {
  let close = async (): Promise<void> => undefined;
  afterEach(() => close());

  const limiters: Record<string, (req: IncomingMessage, res: ServerResponse) => unknown> = {
    'and says nothing': (_req, res) => void res.writeHead(429).end('too many'),
    'later, and says false': (_req, res) => {
      setTimeout(() => res.writeHead(429).end('too many'), 20);
      return false;
    },
  };
  it.each(Object.entries(limiters))('node:http, %s', async (_, rateLimitHook) => {
    const handle = zkpAuth(auth, { rateLimitHook });
    const server = createServer((req, res) => void handle(req, res));
    close = await listening(server, 0);
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/auth/challenge`, asked);
    expect([answer.status, await answer.text()]).toEqual([429, 'too many']);
    expect(answered).not.toHaveBeenCalled();
  });

  it('fetch, by a Response, which another class of that name may have made', async () => {
    const { Response: Native } = globalThis;
    const handle = fetchHandler(auth, { rateLimitHook: () => new Native('too many', { status: 429 }) });
    // @hono/node-server does that.
    vi.stubGlobal('Response', class extends Native {});
    try {
      const answer = await handle(new Request('https://app.example/auth/challenge', asked));
      expect(answer?.status).toBe(429);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(answered).not.toHaveBeenCalled();
  });

  it('fetch, but the result of a limiter that lets it through is no answer', async () => {
    const handle = fetchHandler(auth, { rateLimitHook: async () => ({ remainingPoints: 3 }) });
    const answer = await handle(new Request('https://app.example/auth/challenge', asked));
    expect(answer?.status).toBe(200);
  });
});

describe('the guard of fetch', () => {
  const request = new Request('https://app.example/me');
  const letting = (headers: [string, string][]): ZkpAuth => ({
    ...auth,
    guard: async () => ({ user, payload: undefined, body: undefined, headers }),
  });

  it('adds its headers to every response, one that cannot be changed included, and keeps all cookies', async () => {
    const guard = fetchGuard(letting([['DPoP-Nonce', 'next']]));
    const own = new Response('hello');
    own.headers.append('Set-Cookie', 'a=1');
    own.headers.append('Set-Cookie', 'b=2');
    const plain = await guard(request, () => own);
    expect(plain.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([plain.headers.get('dpop-nonce'), await plain.text()]).toEqual(['next', 'hello']);
    const redirect = await guard(request, () => Response.redirect('https://app.example/', 303));
    expect([redirect.status, redirect.headers.get('dpop-nonce')]).toEqual([303, 'next']);
    expect(redirect.headers.get('location')).toBe('https://app.example/');
  });

  it('leaves what the handler throws to the framework', async () => {
    const fault = new Error('of the application');
    const answer = fetchGuard(letting([]))(request, () => {
      throw fault;
    });
    await expect(answer).rejects.toBe(fault);
  });
});

describe('a guard whose reader can never hold what it confirms', () => {
  const bodyReader = new BodyReader({ totalBytes: 65_536 });
  const confirm = { action: 'transfer', limitBytes: 65_537 };

  it('is refused at start by every adapter', () => {
    expect(() => expressGuard(auth, { confirm: { ...confirm, bodyReader } })).toThrow(TypeError);
    expect(() => fastifyGuard(auth, { confirm, bodyReader })).toThrow(TypeError);
    expect(() => fetchGuard(auth, { confirm, bodyReader })).toThrow(TypeError);
    expect(() => nodeGuard(auth, { confirm, bodyReader })).toThrow(TypeError);
  });
});
