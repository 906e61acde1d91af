import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/refresh`: exchange a refresh token for its successor and a new access token. */
export function zkpRefresh(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.refresh, run: (body, facts) => auth.refreshSession(body, facts) },
    options,
  );
}
