import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/rotate-key`: replace a credential's key, with a proof by each. */
export function zkpRotateKey(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.rotateKey, run: (body, facts) => auth.finishKeyRotation(body, facts) },
    options,
  );
}
