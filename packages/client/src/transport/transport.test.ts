import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestIdHeader, routes, type RouteShape } from '@zkp-auth/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveEndpoint } from './endpoint.js';
import { requestRoute, type RouteRequest } from './channel.js';

describe('resolveEndpoint', () => {
  afterEach(() => vi.unstubAllGlobals());
  const onPage = (origin: string) => vi.stubGlobal('location', { origin, href: `${origin}/some/page?x#y` });

  it('takes both origins from where the page is', () => {
    onPage('https://app.example');
    expect(resolveEndpoint('/auth/', undefined)).toEqual({
      baseUrl: 'https://app.example/auth',
      origin: 'https://app.example',
      audience: 'https://app.example',
    });
    expect(resolveEndpoint('https://api.example', undefined)).toMatchObject({
      baseUrl: 'https://api.example',
      audience: 'https://api.example',
    });
  });

  it.each([
    ['auth', 'https://app.example/app/', 'https://app.example/app/auth'],
    ['../auth', 'https://app.example/app/deep/', 'https://app.example/app/auth'],
    ['/auth', 'https://app.example/app/', 'https://app.example/auth'],
    ['/auth', 'https://api.example/v1/', 'https://api.example/auth'],
    ['https://api.example/auth', 'https://app.example/app/', 'https://api.example/auth'],
  ])('takes %s as fetch does on a page whose base is %s', (baseUrl, baseURI, expected) => {
    onPage('https://app.example');
    vi.stubGlobal('document', { baseURI });
    expect(resolveEndpoint(baseUrl, undefined)).toEqual({
      baseUrl: expected,
      origin: 'https://app.example',
      audience: new URL(expected).origin,
    });
  });

  it('takes the configured origin outside browsers only', () => {
    expect(resolveEndpoint('http://localhost:3000/auth', 'https://app.example').origin).toBe(
      'https://app.example',
    );
    onPage('https://app.example');
    expect(() => resolveEndpoint('/auth', 'https://bank.example')).toThrow(TypeError);
  });

  it.each([
    ['/auth', undefined],
    ['http://api.example/auth', 'https://app.example'],
    ['https://api.example/auth', 'http://app.example'],
    ['https://api.example/auth', 'null'],
    ['https://api.example/auth?x=1', 'https://app.example'],
    ['data:text/plain,x', 'https://app.example'],
    ['https://', 'https://app.example'],
  ])('refuses %s from %s', (baseUrl, origin) => {
    expect(() => resolveEndpoint(baseUrl, origin)).toThrow(TypeError);
  });

  it('refuses a sandboxed page, whose origin is null', () => {
    onPage('null');
    expect(() => resolveEndpoint('https://api.example', undefined)).toThrow(TypeError);
  });
});

describe('requestRoute', () => {
  let server: Server;
  afterEach(() => void server.close());
  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const repeatId: RequestListener = (req, res) =>
    void res.setHeader(requestIdHeader, req.headers[requestIdHeader.toLowerCase()] as string);
  const answer =
    (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
    (req, res) => {
      repeatId(req, res);
      res.writeHead(status, headers).end(body);
    };
  const post = (
    baseUrl: string,
    { route = routes.register, ...options }: Partial<RouteRequest> & { route?: RouteShape } = {},
  ) => requestRoute(baseUrl, route, { body: { a: 1 }, signal: undefined, timeoutMs: 5_000, ...options });

  it('gives the JSON of an answer of the promised status, and nothing of a 204', async () => {
    expect(await post(await serve(answer(201, '{"b":2}')))).toEqual({ b: 2 });
    server.close();
    expect(await post(await serve(answer(204, '')), { route: routes.pin })).toBeUndefined();
  });

  it.each([
    ['200 with a page', routes.pin, 200, '<html>'],
    ['200 with JSON', routes.pin, 200, '{}'],
    ['200 for a 201', routes.register, 200, '{"b":2}'],
    ['202', routes.pin, 202, ''],
    ['204 for a body', routes.register, 204, ''],
    ['201 without a body', routes.register, 201, ''],
    ['201 with half a body', routes.register, 201, '{"b":'],
    ['304', routes.sessions, 304, ''],
    ['a code under another status', routes.pin, 403, '{"code":"PROOF_REJECTED"}'],
    ['a code that never travels', routes.pin, 401, '{"code":"NETWORK_ERROR"}'],
  ] as const)('takes %s for no answer of the protocol', async (_name, route, status, body) => {
    const url = await serve(answer(status, body));
    const sent = requestRoute(url, route, {
      ...(route.method === 'GET' ? {} : { body: {} }),
      signal: undefined,
      timeoutMs: 5_000,
    });
    await expect(sent).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
  });

  it.each([
    ['the promised status', 204, ''],
    ['a refusal', 401, '{"code":"PROOF_REJECTED"}'],
    ['the end of a session', 401, '{"code":"SESSION_ENDED"}'],
  ])('takes %s for nobody’s word where it does not repeat the request’s id', async (_name, status, body) => {
    let earlier: string | undefined;
    const url = await serve((req, res) => {
      if (earlier !== undefined) res.setHeader(requestIdHeader, earlier);
      earlier = req.headers[requestIdHeader.toLowerCase()] as string;
      res.setHeader('DPoP-Nonce', 'stale');
      res.writeHead(status).end(body);
    });
    const onHeaders = vi.fn();
    for (let n = 0; n < 3; n++) {
      await expect(post(url, { route: routes.pin, onHeaders })).rejects.toMatchObject({
        code: 'INVALID_RESPONSE',
        message: expect.stringContaining('ZKP-Request-Id'),
      });
    }
    expect(onHeaders, 'no nonce of an answer that is not the server’s').not.toHaveBeenCalled();
  });

  it('draws an id for each request', async () => {
    const ids = new Set<unknown>();
    const url = await serve((req, res) => {
      ids.add(req.headers[requestIdHeader.toLowerCase()]);
      answer(204, '')(req, res);
    });
    for (let n = 0; n < 3; n++) await post(url, { route: routes.pin });
    expect(ids.size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
  });

  it('throws the code of a problem document, with its waiting time', async () => {
    const url = await serve(answer(429, '{"code":"RATE_LIMITED","detail":"slow"}', { 'Retry-After': '3' }));
    await expect(post(url)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'slow',
      retryAfterMs: 3_000,
    });
  });

  it('calls a proxy’s error page INVALID_RESPONSE', async () => {
    await expect(post(await serve(answer(502, '<html>Bad gateway')))).rejects.toMatchObject({
      code: 'INVALID_RESPONSE',
      message: expect.stringContaining('502'),
    });
  });

  it('follows no redirect: the audience would be another', async () => {
    const url = await serve((req, res) => {
      if (req.url === '/register') res.writeHead(307, { Location: '/y' }).end();
      else answer(201, '{"b":2}')(req, res);
    });
    await expect(post(url)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  });

  it('calls a dropped connection, a refused one and a silent server NETWORK_ERROR', async () => {
    const url = await serve((req) => void req.socket.destroy());
    await expect(post(url)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    await expect(post('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    server.close();
    const silent = await serve(() => undefined);
    await expect(post(silent, { timeoutMs: 30 })).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    server.closeAllConnections();
  });

  it('an answer cut in the middle is no answer', async () => {
    const url = await serve((req, res) => {
      repeatId(req, res);
      res.writeHead(201, { 'Content-Length': '100' });
      res.write('{"b":');
      setTimeout(() => res.destroy(), 10);
    });
    await expect(post(url)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  });

  it('an abort rejects with the signal’s reason', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort(new Error('never mind')));
    await expect(post(url, { signal: controller.signal })).rejects.toThrow('never mind');
    server.closeAllConnections();
  });
});
