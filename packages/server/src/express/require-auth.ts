import { ZkpAuthError } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { sendProblem } from './send-json.js';

declare global {
  namespace Express {
    interface Request {
      /** Set by `requireAuth`: who the access token speaks for. */
      zkpUser?: ZkpUser;
    }
  }
}

/**
 * Let only requests with a valid access token through, and say in `req.zkpUser` whose it is. Anything else is
 * answered with 401 `UNAUTHENTICATED`.
 *
 * @example
 * ```ts
 * app.get('/me', requireAuth(auth), (req, res) => res.json({ userId: req.zkpUser?.userId }));
 * ```
 */
export function requireAuth(auth: ZkpAuth): RequestHandler {
  return (req, res, next) => {
    const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(req.headers.authorization ?? '')?.[1];
    const user = token === undefined ? Promise.resolve(null) : auth.verifyAccessToken(token);
    user.then(
      (zkpUser) => {
        if (zkpUser === null) {
          res.setHeader('WWW-Authenticate', 'Bearer');
          sendProblem(auth, req, res, new ZkpAuthError('UNAUTHENTICATED'));
        } else {
          req.zkpUser = zkpUser;
          next();
        }
      },
      (error: unknown) => sendProblem(auth, req, res, error),
    );
  };
}
