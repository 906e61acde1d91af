import { parseEndSessionsRequest } from '@zkp-auth/core';
import type { RequestHandler } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import type { RequestFacts } from '../engine.js';
import { operationHandler, type OperationHandlerOptions } from './operation-handler.js';

/** `POST {base}/sessions/end`: end sessions of the person who asks: one, all others, or all. */
export function zkpEndSessions(auth: ZkpAuth, options: OperationHandlerOptions = {}): RequestHandler {
  const run = async (body: unknown, facts: RequestFacts): Promise<void> => {
    const request = parseEndSessionsRequest(body);
    const { userId, sessionId } = await auth.authenticate(facts, { dpop: 'if-bound' });
    if ('sessionId' in request) await auth.endSession(userId, request.sessionId);
    else if (request.which === 'others') await auth.endOtherSessions(userId, sessionId);
    else await auth.endAllSessions(userId);
  };
  return operationHandler(auth, { status: 204, run }, options);
}
