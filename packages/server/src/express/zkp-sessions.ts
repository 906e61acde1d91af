import type { SessionListResponse } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { RequestFacts } from '../engine.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `GET {base}/sessions`: the live sessions of the person who asks. */
export function zkpSessions(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  const run = async (_body: unknown, facts: RequestFacts): Promise<SessionListResponse> => {
    const { userId, sessionId } = await auth.authenticate(facts, { dpop: 'if-bound' });
    return { sessions: await auth.listSessions(userId, sessionId) };
  };
  return operationHandler(auth, { method: 'GET', status: 200, run }, options);
}
