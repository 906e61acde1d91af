import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { fetchHandler, requireAuth, zkpJwks } from '../../src/fetch/index.js';
import { type AdapterApp, testAdapter } from '../../src/testing/index.js';
import { listening } from './listening.js';

/** The application under test in Hono, on Node.js. */
function serveHono({ auth, port, bodyReader, limit, ...parts }: AdapterApp): Promise<() => Promise<void>> {
  const app = new Hono();
  const address = ({ headers }: Request) => parts.address((name) => headers.get(name));
  const handle = fetchHandler(auth, { address, bodyReader });
  const handleLimited = fetchHandler(auth, { basePath: '/limited', rateLimitHook: limit });
  app.all('/auth/*', async (c) => (await handle(c.req.raw)) ?? c.notFound());
  app.all('/limited/*', async (c) => (await handleLimited(c.req.raw)) ?? c.notFound());
  for (const [path, demands] of [
    ['/me', {}],
    ['/recent', { maxAgeMs: 0 }],
    ['/stateless', { stateless: true }],
  ] as const) {
    const guard = requireAuth(auth, { address, ...demands });
    app.get(path, (c) => guard(c.req.raw, ({ user }) => c.json({ userId: user.userId })));
  }
  for (const [path, confirm] of [
    ['/transfer', 'transfer'],
    ['/small', { action: 'small', limitBytes: 16 }],
  ] as const) {
    const guard = requireAuth(auth, { address, confirm });
    app.post(path, (c) =>
      guard(c.req.raw, ({ user, payload = new Uint8Array() }) =>
        c.json({ userId: user.userId, payload: Buffer.from(payload).toString() }),
      ),
    );
  }
  const keys = zkpJwks(auth);
  app.all('/.well-known/jwks.json', (c) => keys(c.req.raw));
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server, port);
}

describe('Hono 4 on Node.js', () => {
  testAdapter({ test: it, before: beforeAll, after: afterAll }, serveHono);
});
