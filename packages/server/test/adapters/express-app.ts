import { createServer } from 'node:http';
import type { Express, Request } from 'express';
import { payloadOf, requireAuth, userOf, zkpAuth, zkpJwks } from '../../src/express/index.js';
import type { AdapterApp } from '../../src/testing/index.js';
import { listening } from './listening.js';

/** The application under test in Express. */
export function serveExpress(createApp: () => Express) {
  return ({ auth, port, address, limit, bodyReader }: AdapterApp): Promise<() => Promise<void>> => {
    const app = createApp();
    const options = { address: (req: Request) => address((name) => req.get(name)) };
    app.use('/auth', zkpAuth(auth, { ...options, bodyReader }));
    app.use(
      '/limited',
      zkpAuth(auth, { rateLimitHook: (_req, _res, next) => void limit().then(next, next) }),
    );
    for (const [path, demands] of [
      ['/me', {}],
      ['/recent', { maxAgeMs: 0 }],
      ['/stateless', { stateless: true }],
    ] as const) {
      app.get(path, requireAuth(auth, { ...options, ...demands }), (req, res) => {
        res.json({ userId: userOf(req).userId });
      });
    }
    for (const [path, confirm] of [
      ['/transfer', 'transfer'],
      ['/small', { action: 'small', limitBytes: 16 }],
    ] as const) {
      app.post(path, requireAuth(auth, { ...options, confirm }), (req, res) => {
        res.json({ userId: userOf(req).userId, payload: Buffer.from(payloadOf(req)).toString() });
      });
    }
    app.use('/.well-known/jwks.json', zkpJwks(auth));
    return listening(createServer(app), port);
  };
}
