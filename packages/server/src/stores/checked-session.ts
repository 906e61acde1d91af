import { credentialIdLength, decodeBase64url, sessionKeyLength } from '@zkp-auth/core';
import { isCount } from '../checked-integer.js';
import { sessionTag, tagOfSessionId } from '../sessions/session-id.js';
import type { StoredSession } from './session-store.js';
import { areSpentTokens } from './spent-tokens.js';

const hashLength = 32;

/**
 * A session as an engine gave it back, once every member has been looked at: a damaged one is an error, never a live
 * session.
 */
export function checkedSession(read: Record<keyof StoredSession, unknown>): StoredSession {
  const session = read as StoredSession;
  if (!isSound(session)) throw new Error(`the stored session ${session.sessionId} is damaged`);
  return session;
}

function isSound(session: StoredSession): boolean {
  const { sessionId, userId, deviceName } = session;
  return (
    typeof sessionId === 'string' &&
    typeof userId === 'string' &&
    tagOfSessionId(sessionId) === sessionTag(userId) &&
    isBytes(session.credentialId, credentialIdLength) &&
    (session.sessionKey === null || isBytes(session.sessionKey, sessionKeyLength)) &&
    (deviceName === null || typeof deviceName === 'string') &&
    [session.createdAtMs, session.lastUsedAtMs, session.expiresAtMs, session.endsAtMs].every(isCount) &&
    isBytes(session.refreshHash, hashLength) &&
    areSpentTokens(session.spentTokens)
  );
}

function isBytes(value: unknown, length: number): boolean {
  return typeof value === 'string' && decodeBase64url(value, length) !== null;
}
