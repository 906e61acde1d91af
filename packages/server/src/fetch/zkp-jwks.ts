import { authOf, type ZkpAuthSource } from './auth-source.js';
import { headersOf, respond } from './respond.js';

/**
 * The public keys that verify access tokens (RFC 7517), for services that verify them themselves.
 *
 * @example
 * ```ts
 * const keys = zkpJwks(auth);
 * app.all('/.well-known/jwks.json', (c) => keys(c.req.raw));
 * ```
 */
export function zkpJwks(auth: ZkpAuthSource): (request: Request) => Promise<Response> {
  return async (request) => {
    const { method } = request;
    const answer = (await authOf(auth)).publishKeys({ ...headersOf(request), method });
    return respond(method === 'HEAD' ? { ...answer, body: undefined } : answer);
  };
}
