import { type RouteName, routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { OperationHandlerOptions, RoutedOptions } from './operation-handler.js';
import { inRouter, isRouteAt, refuseWrongBasePath } from './own-address.js';
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

export interface ZkpAuthRouterOptions extends OperationHandlerOptions {
  /**
   * The address that the router is mounted at, as a text or as a pattern that matches all of it. Default: any without
   * capital letters. Express takes `/AUTH` for `/auth`, so a mount with capital letters is to be named here.
   */
  basePath?: string | RegExp;
}

/**
 * The router: `/challenge`, `/register`, `/verify`, `/pin`, `/rotate-key`, `/open-key`, `/refresh`, `/sign-out`,
 * `/sessions` and `/sessions/end`, in this spelling alone; anything else goes on to the application. Mount it where the client's `baseUrl`
 * points. It reads bodies itself; mount it before any global
 * `express.json()`, which would read them less strictly.
 *
 * @throws `TypeError` for a `basePath` that cannot be one.
 *
 * @example
 * ```ts
 * app.use('/auth', zkpAuth(auth));
 * ```
 */
export function zkpAuth(
  auth: ZkpAuth,
  { basePath, ...handlerOptions }: ZkpAuthRouterOptions = {},
): RequestHandler {
  refuseWrongBasePath(basePath);
  const options: RoutedOptions = { ...handlerOptions, [inRouter]: true };
  const handlers: Record<RouteName, RequestHandler> = {
    challenge: zkpChallenge(auth, options),
    register: zkpRegister(auth, options),
    verify: zkpVerify(auth, options),
    pin: zkpPin(auth, options),
    rotateKey: zkpRotateKey(auth, options),
    openKey: zkpOpenKey(auth, options),
    refresh: zkpRefresh(auth, options),
    signOut: zkpSignOut(auth, options),
    sessions: zkpSessions(auth, options),
    endSessions: zkpEndSessions(auth, options),
  };
  const byPath = new Map<string, RequestHandler>(
    Object.entries(handlers).map(([name, handler]) => [routes[name as RouteName].path, handler]),
  );
  return (req, res, next) => {
    const handler = byPath.get(req.path);
    if (handler === undefined || !isRouteAt(req, basePath)) next();
    else void handler(req, res, next);
  };
}
