import { routes } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/sessions/end`: end sessions of the person who asks: one, all others, or all. */
export function zkpEndSessions(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  return operationHandler(
    auth,
    { route: routes.endSessions, run: (body, facts) => auth.endOwnSessions(body, facts) },
    options,
  );
}
