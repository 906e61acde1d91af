import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { requireAuth, zkpAuth, zkpJwks } from '../../src/node/index.js';
import type { AdapterApp } from '../../src/testing/index.js';
import { listening } from './listening.js';

/** The application under test on node:http alone. */
export function serveNode({
  auth,
  port,
  bodyReader,
  limit,
  ...parts
}: AdapterApp): Promise<() => Promise<void>> {
  const address = ({ headers }: IncomingMessage) => parts.address((name) => [headers[name]].flat()[0]);
  const handle = zkpAuth(auth, { address, bodyReader });
  const handleLimited = zkpAuth(auth, { basePath: '/limited', rateLimitHook: limit });
  const keys = zkpJwks(auth);
  const guards = {
    '/me': requireAuth(auth, { address }),
    '/recent': requireAuth(auth, { address, maxAgeMs: 0 }),
    '/stateless': requireAuth(auth, { address, stateless: true }),
    '/transfer': requireAuth(auth, { address, confirm: 'transfer' }),
    '/small': requireAuth(auth, { address, confirm: { action: 'small', limitBytes: 16 } }),
  };
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (handle(req, res) || handleLimited(req, res)) return;
    if (req.url === '/.well-known/jwks.json') return keys(req, res);
    const guard = Object.entries(guards).find(([path]) => path === req.url)?.[1];
    if (guard === undefined) {
      res.statusCode = 404;
      res.end();
      return;
    }
    const admitted = await guard(req, res);
    if (admitted === null) return;
    const { user, payload } = admitted;
    res.setHeader('Content-Type', 'application/json');
    const confirmed = payload === undefined ? {} : { payload: Buffer.from(payload).toString() };
    res.end(JSON.stringify({ userId: user.userId, ...confirmed }));
  };
  return listening(
    createServer((req, res) => void serve(req, res)),
    port,
  );
}
