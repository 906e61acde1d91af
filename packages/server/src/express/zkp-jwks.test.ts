import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { calculateJwkThumbprint, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { createTestAuth } from '../../test/test-client.js';
import { generateSigningKeys, type KeyRing } from '../index.js';
import { zkpJwks } from './zkp-jwks.js';

const { default: express4 } = await vi.importActual<{ default: () => Express }>('express4');

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
] as const)('zkpJwks on %s', (_, createApp) => {
  let keys: KeyRing;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    keys = await generateSigningKeys({ alg: 'ES256' });
    const auth = await createTestAuth({ keys });
    const app = createApp();
    // The application's own setting for ETags makes no difference.
    app.disable('etag');
    app.use('/.well-known/jwks.json', zkpJwks(auth));
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`;
  });
  afterAll(() => void server.close());

  it('other services verify our tokens with what they find there', async () => {
    const token = await tokensOf(keys).issue();
    const published = createRemoteJWKSet(new URL(url), { cacheMaxAge: 300_000 });
    const algorithms = ['Ed25519', 'EdDSA', 'ES256'];
    await expect(jwtVerify(token, published, { typ: 'at+jwt', algorithms })).resolves.toMatchObject({
      payload: { sub: 'alice' },
    });
  });

  it('publishes the keys of now and of next, and nothing private', async () => {
    const { keys: published } = (await (await fetch(url)).json()) as JSONWebKeySet;
    expect(published).toHaveLength(2);
    for (const jwk of published) {
      expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(jwk.kid).toBe(await calculateJwkThumbprint(jwk));
    }
  });

  it('may be kept for five minutes by anybody', async () => {
    const { status, headers } = await fetch(url);
    expect(status).toBe(200);
    expect(headers.get('Content-Type')).toBe('application/jwk-set+json');
    expect(headers.get('Cache-Control')).toBe('public, max-age=300, stale-while-revalidate=60');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it.each([
    [{ publishMs: 480_000 }, 'public, max-age=300, stale-while-revalidate=60'],
    [{ publishMs: 360_000 }, 'public, max-age=240, stale-while-revalidate=60'],
    [{ publishMs: 120_999 }, 'no-cache'],
    [{ publishMs: 121_000 }, 'public, max-age=1, stale-while-revalidate=60'],
    [{ publishMs: 60_000 }, 'no-cache'],
    [{ publishMs: 360_000, reloadMs: 120_000 }, 'public, max-age=180, stale-while-revalidate=60'],
  ])('with %j is %s: no key signs while caches may not know it', async (options, cacheControl) => {
    const app = createApp();
    app.use('/jwks', zkpJwks(await createTestAuth({ keys: await generateSigningKeys(options) })));
    const short = createServer(app).listen(0, '127.0.0.1');
    await once(short, 'listening');
    const { headers } = await fetch(`http://127.0.0.1:${(short.address() as AddressInfo).port}/jwks`);
    expect(headers.get('Cache-Control')).toBe(cacheControl);
    short.close();
  });

  it('a cache that has it already gets no body, until the keys have changed', async () => {
    const get = (etag: string) => fetch(url, { headers: { 'If-None-Match': etag } });
    const etag = (await fetch(url)).headers.get('ETag')!;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const unchanged = await get(known);
      expect(unchanged.status).toBe(304);
      expect(await unchanged.text()).toBe('');
      expect(unchanged.headers.get('ETag')).toBe(etag);
      expect(unchanged.headers.get('Cache-Control')).toContain('max-age=300');
    }
    expect((await get('"other"')).status).toBe(200);
    await keys.rotate({ force: true });
    const changed = await get(etag);
    expect(changed.status).toBe(200);
    expect(((await changed.json()) as JSONWebKeySet).keys).toHaveLength(3);
    expect(changed.headers.get('ETag')).not.toBe(etag);
  });

  it('answers HEAD as GET without the body, and no other method', async () => {
    const [get, head] = [await fetch(url), await fetch(url, { method: 'HEAD' })];
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    for (const name of ['ETag', 'Content-Length', 'Content-Type'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const refused = await fetch(url, { method });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('Allow')).toBe('GET, HEAD');
    }
  });
});
