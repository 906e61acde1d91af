import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { Route } from '../http/match-route.js';
import { type ServedRouteName, servedRoutes } from '../served-routes.js';
import { isOwnAddress } from './own-address.js';
import { type OperationHandlerOptions, routeServer } from './serve-route.js';

/** Makes the handler of one route. The application mounts it at an address of its choice. */
export type RouteHandlerFactory = (auth: ZkpAuth, options?: OperationHandlerOptions) => RequestHandler;

/**
 * The handler of the route with this name. Mount it at an address of your choice. The routes of links have none,
 * because their addresses hold the id of a link. {@link zkpAuth} serves them.
 *
 * @example
 * ```ts
 * app.post('/auth/verify', zkpRoute(auth, 'verify'));
 * ```
 */
export function zkpRoute(
  auth: ZkpAuth,
  name: ServedRouteName,
  options: OperationHandlerOptions = {},
): RequestHandler {
  const serve = routeServer(auth, options);
  const route = auth.match(servedRoutes[name].path) as Route;
  return (req, res, next) => {
    if (isOwnAddress(req)) serve(route, req, res);
    else next();
  };
}

const handlerOf =
  (name: ServedRouteName): RouteHandlerFactory =>
  (auth, options) =>
    zkpRoute(auth, name, options);

/** `POST {base}/challenge` issues a challenge. */
export const zkpChallenge: RouteHandlerFactory = /* @__PURE__ */ handlerOf('challenge');
/** `POST {base}/register` creates a user with a first credential. */
export const zkpRegister: RouteHandlerFactory = /* @__PURE__ */ handlerOf('register');
/** `POST {base}/verify` signs in with a proof. */
export const zkpVerify: RouteHandlerFactory = /* @__PURE__ */ handlerOf('verify');
