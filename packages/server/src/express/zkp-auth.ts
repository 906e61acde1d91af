import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { OperationHandlerOptions } from './operation-handler.js';
import { zkpChallenge } from './zkp-challenge.js';
import { zkpEndSessions } from './zkp-end-sessions.js';
import { zkpOpenKey } from './zkp-open-key.js';
import { zkpPin } from './zkp-pin.js';
import { zkpRefresh } from './zkp-refresh.js';
import { zkpRegister } from './zkp-register.js';
import { zkpRotateKey } from './zkp-rotate-key.js';
import { zkpSessions } from './zkp-sessions.js';
import { zkpSignOut } from './zkp-sign-out.js';
import { zkpVerify } from './zkp-verify.js';

/**
 * The router: `/challenge`, `/register`, `/verify`, `/pin`, `/rotate-key`, `/open-key`, `/refresh`, `/sign-out`,
 * `/sessions` and `/sessions/end`; anything else goes on to the application. Mount it where the client's `baseUrl`
 * points. It reads bodies itself; mount it before any global
 * `express.json()`, which would read them less strictly.
 *
 * @example
 * ```ts
 * app.use('/auth', zkpAuth(auth));
 * ```
 */
export function zkpAuth(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  const routes = new Map<string, RequestHandler>([
    ['/challenge', zkpChallenge(auth, options)],
    ['/register', zkpRegister(auth, options)],
    ['/verify', zkpVerify(auth, options)],
    ['/pin', zkpPin(auth, options)],
    ['/rotate-key', zkpRotateKey(auth, options)],
    ['/open-key', zkpOpenKey(auth, options)],
    ['/refresh', zkpRefresh(auth, options)],
    ['/sign-out', zkpSignOut(auth, options)],
    ['/sessions', zkpSessions(auth, options)],
    ['/sessions/end', zkpEndSessions(auth, options)],
  ]);
  return (req, res, next) => {
    const route = routes.get(req.path);
    if (route === undefined) next();
    else void route(req, res, next);
  };
}
