import {
  type EndSessionsRequest,
  endSessionsRoute,
  type SessionSummary,
  sessionsRoute,
} from '@zkp-auth/core';
import { type Call, decisive } from '../ceremony/call.js';
import { hasNoSession, type SessionInfo, sessionInfoOf } from '../sessions/session-record.js';
import { callRoute } from '../transport/channel.js';

/** See `ZkpAuthClient.getSession`. */
export async function findSession({ session, signal }: Call): Promise<SessionInfo | null> {
  try {
    return sessionInfoOf(await session.current(signal));
  } catch (error) {
    if (hasNoSession(error)) return null;
    throw error;
  }
}

/** See `ZkpAuthClient.signOut`. */
export async function signOut({ session, signal, standing }: Call): Promise<void> {
  await session.signOut(signal, () => (standing.outcome = 'done'));
}

/** See `ZkpAuthClient.listSessions`. */
export async function listSessions(call: Call): Promise<SessionSummary[]> {
  const { signal } = call;
  const { sessions } = await call.session.authorized(signal, (authority) =>
    callRoute(call, sessionsRoute, { request: undefined, signal, ...authority }),
  );
  return sessions;
}

/** See `ZkpAuthClient.endSession`, `endOtherSessions` and `endAllSessions`. */
export async function endSessions(call: Call, request: EndSessionsRequest): Promise<void> {
  const isOwn = (sessionId: string): boolean =>
    'sessionId' in request ? request.sessionId === sessionId : request.which === 'all';
  await call.session.end(call.signal, isOwn, (authority) =>
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
