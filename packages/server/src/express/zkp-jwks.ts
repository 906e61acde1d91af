import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { nodeHeaders } from '../node/node-headers.js';
import { writeAnswer } from '../node/write-answer.js';
import { isOwnAddress } from './own-address.js';

/**
 * `GET /.well-known/jwks.json` gives the public keys that verify access tokens (RFC 7517), for services that verify
 * them themselves. A service may keep them for five minutes, or less if keys are published for a short time only.
 *
 * @example
 * ```ts
 * app.use('/.well-known/jwks.json', zkpJwks(auth));
 * ```
 */
export function zkpJwks(auth: ZkpAuth): RequestHandler {
  return (req, res, next) => {
    if (!isOwnAddress(req)) return next();
    writeAnswer(res, auth.publishKeys({ ...nodeHeaders(req), method: req.method }));
  };
}
