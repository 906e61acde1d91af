import { createHash } from 'node:crypto';
import { ZkpAuthError } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { jwksGraceMs } from '../keys/key-ring-options.js';
import { closeIfUnread, sendProblem } from '../node/send-json.js';
import { isOwnAddress } from './own-address.js';

/**
 * `GET /.well-known/jwks.json`: the public keys that access tokens are verified with (RFC 7517), for services that
 * verify them themselves. They may be kept for five minutes, or less where keys are published for a short time only.
 *
 * @example
 * ```ts
 * app.use('/.well-known/jwks.json', zkpJwks(auth));
 * ```
 */
export function zkpJwks(auth: ZkpAuth): RequestHandler {
  const maxAgeSeconds = Math.floor(auth.jwksMaxAgeMs / 1000);
  const cacheControl =
    maxAgeSeconds === 0
      ? 'no-cache'
      : `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${jwksGraceMs / 1000}`;
  return (req, res, next) => {
    if (!isOwnAddress(req)) return next();
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('Allow', 'GET, HEAD');
      sendProblem(auth, req, res, new ZkpAuthError('METHOD_NOT_ALLOWED'));
      return;
    }
    const body = Buffer.from(JSON.stringify(auth.jwks()));
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    res.setHeader('Cache-Control', cacheControl);
    res.setHeader('ETag', etag);
    closeIfUnread(res);
    if (tagsIn(req.headers['if-none-match']).includes(etag)) {
      res.statusCode = 304;
      res.end();
      return;
    }
    res.setHeader('Content-Type', 'application/jwk-set+json');
    res.setHeader('Content-Length', body.length);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.end(body);
  };
}

/**
 * Express's own `req.fresh` answers nobody with 304 who sends `Cache-Control: no-cache` along, as every `fetch` with
 * `If-None-Match` does.
 */
function tagsIn(ifNoneMatch: string | undefined): string[] {
  return (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
