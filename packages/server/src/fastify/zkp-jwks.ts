import type { RouteHandlerMethod } from 'fastify';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { nodeHeaders } from '../node/node-headers.js';
import { sendAnswer } from './send-answer.js';

/**
 * The public keys that verify access tokens (RFC 7517), for services that verify them themselves.
 *
 * @example
 * ```ts
 * app.all('/.well-known/jwks.json', zkpJwks(auth));
 * ```
 */
export function zkpJwks(auth: ZkpAuth): RouteHandlerMethod {
  return async ({ raw }, reply) =>
    sendAnswer(reply, auth.publishKeys({ ...nodeHeaders(raw), method: raw.method ?? '' }));
}
