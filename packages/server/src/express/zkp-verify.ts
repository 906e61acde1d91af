import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/verify`: sign in with a proof. */
export function zkpVerify(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.verify, run: (body, facts) => auth.finishLogin(body, facts) },
    options,
  );
}
