import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/challenge`: issue a challenge. */
export function zkpChallenge(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.challenge, run: (body, facts) => auth.createChallenge(body, facts) },
    options,
  );
}
