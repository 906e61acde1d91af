import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { isRouteAt, refuseWrongBasePath } from './own-address.js';
import { type OperationHandlerOptions, routeServer } from './serve-route.js';

export interface ZkpAuthRouterOptions extends OperationHandlerOptions {
  /**
   * The address that the router is mounted at, as a text or as a pattern that matches all of it. Default any
   * without capital letters. Express takes `/AUTH` for `/auth`, so name a mount with capital letters here.
   */
  basePath?: string | RegExp;
}

/**
 * The router of all routes of the protocol, in their one spelling. Any other request goes on to the application.
 * Mount the router at the address that the client's `baseUrl` names. It reads bodies itself. Mount it before any
 * global `express.json()`, which would read them less strictly.
 *
 * @throws `TypeError` for a `basePath` that cannot be one.
 *
 * @example
 * ```ts
 * app.use('/auth', zkpAuth(auth));
 * ```
 */
export function zkpAuth(auth: ZkpAuth, { basePath, ...options }: ZkpAuthRouterOptions = {}): RequestHandler {
  refuseWrongBasePath(basePath);
  const serve = routeServer(auth, options);
  return (req, res, next) => {
    const route = auth.match(req.path);
    if (route === undefined || !isRouteAt(req, basePath)) next();
    else serve(route, req, res);
  };
}
