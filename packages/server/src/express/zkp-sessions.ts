import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `GET {base}/sessions`: the live sessions of the person who asks. */
export function zkpSessions(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.sessions, run: (_, facts) => auth.listOwnSessions(facts) },
    options,
  );
}
