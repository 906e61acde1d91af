import Fastify, { type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { payloadOf, requireAuth, userOf, zkpAuth, zkpJwks } from '../../src/fastify/index.js';
import { type AdapterApp, testAdapter } from '../../src/testing/index.js';

/** The application under test in Fastify. */
async function serveFastify(parts: AdapterApp): Promise<() => Promise<void>> {
  const { auth, port, bodyReader, limit } = parts;
  const app = Fastify();
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const address = ({ raw }: FastifyRequest) => parts.address((name) => [raw.headers[name]].flat()[0]);
  app.register(zkpAuth, { prefix: '/auth', auth, address, bodyReader });
  app.register(zkpAuth, { prefix: '/limited', auth, rateLimitHook: limit });
  const whoAsks = (request: FastifyRequest) => ({ userId: userOf(request).userId });
  app.get('/me', requireAuth(auth, { address }), whoAsks);
  app.get('/recent', requireAuth(auth, { address, maxAgeMs: 0 }), whoAsks);
  app.get('/stateless', requireAuth(auth, { address, stateless: true }), whoAsks);
  const whatWasConfirmed = (request: FastifyRequest) => ({
    ...whoAsks(request),
    payload: Buffer.from(payloadOf(request)).toString(),
  });
  app.post('/transfer', requireAuth(auth, { address, confirm: 'transfer' }), whatWasConfirmed);
  const small = { action: 'small', limitBytes: 16 };
  app.post('/small', requireAuth(auth, { address, confirm: small }), whatWasConfirmed);
  app.all('/.well-known/jwks.json', zkpJwks(auth));
  await app.listen({ port, host: '127.0.0.1' });
  return async () => {
    app.server.closeAllConnections();
    await app.close();
  };
}

describe('Fastify 5', () => {
  testAdapter({ test: it, before: beforeAll, after: afterAll }, serveFastify);
});
