import type { SessionResponse } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { StoredSession } from '../stores/session-store.js';

/** The answer that carries a new access token of a session, without a refresh token. */
export async function sessionResponse(engine: Engine, session: StoredSession): Promise<SessionResponse> {
  const { userId, credentialId, sessionId, sessionKey } = session;
  const { token, expiresInMs } = await engine.tokens.issue(session);
  const isBound = sessionKey !== null && engine.sessionPolicy.dpop === 'requests';
  return {
    userId,
    credentialId,
    sessionId,
    token,
    tokenType: isBound ? 'DPoP' : 'Bearer',
    expiresInMs,
    sessionExpiresInMs: Math.max(1, session.expiresAtMs - engine.now()),
  };
}
