import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/challenge`: issue a challenge. */
export function zkpChallenge(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { status: 200, run: (body, facts) => auth.createChallenge(body, facts) },
    options,
  );
}
