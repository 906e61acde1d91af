import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/pin`: enrol a PIN under a new pinId, with a proof. */
export function zkpPin(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.pin, run: (body, facts) => auth.finishPinChange(body, facts) },
    options,
  );
}
