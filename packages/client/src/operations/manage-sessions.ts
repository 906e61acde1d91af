import {
  type EndSessionsRequest,
  endSessionsRoute,
  type SessionSummary,
  sessionsRoute,
} from '@zkp-auth/core';
import { type Call, decisive } from '../ceremony/call.js';
import { authorizedRequest, endSessionsBy } from '../sessions/authorized-request.js';
import { callRoute } from '../transport/channel.js';

/** See `ZkpAuthClient.listSessions`. */
export async function listSessions(call: Call): Promise<SessionSummary[]> {
  const { signal } = call;
  const { sessions } = await authorizedRequest(call.session, signal, (authority) =>
    callRoute(call, sessionsRoute, { request: undefined, signal, ...authority }),
  );
  return sessions;
}

/** See `ZkpAuthClient.endSession`, `endOtherSessions` and `endAllSessions`. */
export async function endSessions(call: Call, request: EndSessionsRequest): Promise<void> {
  const isOwn = (sessionId: string): boolean =>
    'sessionId' in request ? request.sessionId === sessionId : request.which === 'all';
  await endSessionsBy(call.session, { signal: call.signal, isOwn }, (authority) =>
    decisive(call.standing, () =>
      callRoute(call, endSessionsRoute, {
        request,
        ...authority,
        signal: call.signal,
        onSending: () => call.report('contacting'),
      }),
    ),
  );
}
