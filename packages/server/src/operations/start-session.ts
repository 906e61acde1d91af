import type { SessionResponse } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { withRefreshToken } from '../sessions/with-refresh-token.js';
import { replacedToken } from '../sessions/presented-token.js';
import { newSessionId } from '../sessions/session-id.js';
import { sessionResponse } from '../sessions/session-response.js';
import type { StoredSession } from '../stores/session-store.js';
import { storeCall } from '../stores/store-call.js';
import { tellOfEnds } from './end-credential-sessions.js';
import { endSession } from './end-session.js';
import { findLiveCredential } from './find-live-credential.js';

/** The parts of a new session. */
export interface SessionStart {
  userId: string;
  credentialId: string;
  deviceName: string | null;
  /** RFC 7638 thumbprint in base64url. */
  sessionKey: string | null;
  audience: string;
  /** The refresh token of the session that the new one replaces, if it was in the request's body. */
  refreshToken: string | undefined;
  atMs: number;
}

/**
 * Make a session for a credential that has just proven itself. The client's earlier session ends, because the new
 * refresh token replaces its token.
 *
 * @returns `null`, and no session, if the credential was revoked meanwhile.
 */
export async function startSession(
  engine: Engine,
  start: SessionStart,
  facts: RequestFacts,
): Promise<Outcome<SessionResponse> | null> {
  const { userId, credentialId, deviceName, sessionKey, audience, atMs } = start;
  const { idleTtlMs, absoluteTtlMs } = engine.sessionPolicy;
  const sessionId = newSessionId(userId);
  const refreshToken = engine.refreshTokens.first(sessionId);
  const session: StoredSession = {
    sessionId,
    userId,
    credentialId,
    sessionKey,
    deviceName,
    createdAtMs: atMs,
    lastUsedAtMs: atMs,
    expiresAtMs: atMs + Math.min(idleTtlMs, absoluteTtlMs),
    endsAtMs: atMs + absoluteTtlMs,
    refreshHash: refreshToken.hash,
    spentTokens: [],
  };
  const [response, isKept] = await Promise.all([sessionResponse(engine, session), keep(engine, session)]);
  if (!isKept) return null;
  engine.emit({ atMs, userId, credentialId, type: 'session_started', sessionId });
  await endReplaced(engine, start, facts);
  return withRefreshToken(engine, response, { session, refreshToken: refreshToken.text, audience }, facts);
}

/** A revocation of the credential ends its sessions. It may have done so before this session existed. */
async function keep(engine: Engine, session: StoredSession): Promise<boolean> {
  const { maxPerUser } = engine.sessionPolicy;
  const displaced = await storeCall(
    engine.sessions.create(session, maxPerUser === false ? undefined : maxPerUser),
  );
  tellOfEnds(engine, { userId: session.userId, reason: 'limit' }, displaced);
  if ((await findLiveCredential(engine, session)) !== null) return true;
  await storeCall(engine.sessions.end(session.sessionId));
  return false;
}

async function endReplaced(engine: Engine, start: SessionStart, facts: RequestFacts): Promise<void> {
  const token = replacedToken(engine, start, facts);
  if (token === null) return;
  const session = await storeCall(engine.sessions.find(token.sessionId));
  if (session !== null) await endSession(engine, session, 'replaced');
}
