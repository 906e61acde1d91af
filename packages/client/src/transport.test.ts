import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestJson, resolveEndpoint } from './transport.js';

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

describe('requestJson', () => {
  let server: Server;
  afterEach(() => void server.close());
  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  };
  const answer =
    (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
    (_req, res) =>
      void res.writeHead(status, headers).end(body);
  const post = (url: string, signal?: AbortSignal, timeoutMs = 5_000) =>
    requestJson(url, { body: { a: 1 }, signal, timeoutMs });

  it('gives the JSON of a 2xx answer', async () => {
    expect(await post(await serve(answer(201, '{"b":2}')))).toEqual({ b: 2 });
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
    const url = await serve((req, res) =>
      req.url === '/x' ? res.writeHead(307, { Location: '/y' }).end() : res.end('{"b":2}'),
    );
    await expect(post(url)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  });

  it('calls a dropped connection, a refused one and a silent server NETWORK_ERROR', async () => {
    const url = await serve((req) => void req.socket.destroy());
    await expect(post(url)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    await expect(post('http://127.0.0.1:1/x')).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    server.close();
    const silent = await serve(() => undefined);
    await expect(post(silent, undefined, 30)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    server.closeAllConnections();
  });

  it('an answer cut in the middle is no answer', async () => {
    const url = await serve((_req, res) => {
      res.writeHead(200, { 'Content-Length': '100' });
      res.write('{"b":');
      setTimeout(() => res.destroy(), 10);
    });
    await expect(post(url)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  });

  it('an abort rejects with the signal’s reason', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort(new Error('never mind')));
    await expect(post(url, controller.signal)).rejects.toThrow('never mind');
    server.closeAllConnections();
  });
});
