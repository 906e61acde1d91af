import { type EndSessionsRequest, isZkpAuthError, type SessionSummary } from '@zkp-auth/core';
import type { SessionInfo } from '../sessions/session-record.js';
import { call } from '../transport/channel.js';
import { contact, type Context } from './context.js';

/** See `ZkpAuthClient.getSession`. */
export async function findSession({ sessions, signal }: Context): Promise<SessionInfo | null> {
  try {
    const { userId, credentialId, sessionId } = await sessions.current(signal);
    return { userId, credentialId, sessionId };
  } catch (error) {
    if (hasNoSession(error)) return null;
    throw error;
  }
}

/** Whether an error says that nobody is signed in here, or nobody any more. */
export function hasNoSession(error: unknown): boolean {
  return isZkpAuthError(error) && (error.code === 'NO_SESSION' || error.code === 'SESSION_ENDED');
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
