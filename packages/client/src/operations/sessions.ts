import type { EndSessionsRequest, SessionSummary } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { type SessionInfo, sessionInfoOf } from '../sessions/session-record.js';
import { call } from '../transport/channel.js';
import { contact, type Context } from '../ceremony/context.js';

/** See `ZkpAuthClient.getSession`. */
export async function findSession({ sessions, signal }: Context): Promise<SessionInfo | null> {
  try {
    return sessionInfoOf(await sessions.current(signal));
  } catch (error) {
    if (hasNoSession(error)) return null;
    throw error;
  }
}

/** Whether an error says that nobody is signed in here, or nobody any more. */
export function hasNoSession(error: unknown): boolean {
  return hasCode(error, 'NO_SESSION', 'SESSION_ENDED');
}

/** See `ZkpAuthClient.listSessions`. */
export async function listSessions(context: Context): Promise<SessionSummary[]> {
  const { signal } = context;
  const { sessions } = await context.sessions.authorized(signal, (authority) =>
    call(context, 'sessions', { request: undefined, signal, ...authority }),
  );
  return sessions;
}

/** See `ZkpAuthClient.endSession`, `endOtherSessions` and `endAllSessions`. */
export async function endSessions(context: Context, request: EndSessionsRequest): Promise<void> {
  const isOwn = (sessionId: string): boolean =>
    'sessionId' in request ? request.sessionId === sessionId : request.which === 'all';
  await context.sessions.end(context.signal, isOwn, (authority) =>
    contact(context, 'endSessions', { request, ...authority }),
  );
}
