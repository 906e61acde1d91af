import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/open-key`: confirm that a credential's key is opened to be changed. */
export function zkpOpenKey(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.openKey, run: (body, facts) => auth.finishOpenKey(body, facts) },
    options,
  );
}
