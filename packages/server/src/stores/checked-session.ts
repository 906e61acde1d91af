import { credentialIdLength, decodeBase64url, sessionKeyLength } from '@zkp-auth/core';
import { isCount } from '../checked-integer.js';
import { sessionTag, tagOfSessionId } from '../sessions/session-id.js';
import type { LiveSession, StoredSession } from './session-store.js';
import { areSpentTokens } from './spent-tokens.js';

const hashLength = 32;

/**
 * A session that an engine gave back, after every member was checked. A damaged session is an error, never a live
 * session.
 */
export function checkedSession(read: Record<keyof StoredSession, unknown>): StoredSession {
  const session = read as StoredSession;
  if (!isSound(session)) throw new Error(`the stored session ${session.sessionId} is damaged`);
  return session;
}

/**
 * The same for the members that a request needs. The caller checks that the session belongs to the user in the token.
 */
export function checkedLiveSession(read: Record<keyof LiveSession, unknown>): LiveSession {
  const session = read as LiveSession;
  const { sessionId, userId, expiresAtMs } = session;
  if (typeof userId === 'string' && isOfKeys(session) && isCount(expiresAtMs)) return session;
  throw new Error(`the stored session ${sessionId} is damaged`);
}

function isSound(session: StoredSession): boolean {
  const { sessionId, userId, deviceName } = session;
  return (
    typeof sessionId === 'string' &&
    typeof userId === 'string' &&
    tagOfSessionId(sessionId) === sessionTag(userId) &&
    isOfKeys(session) &&
    (deviceName === null || typeof deviceName === 'string') &&
    [session.createdAtMs, session.lastUsedAtMs, session.expiresAtMs, session.endsAtMs].every(isCount) &&
    isBytes(session.refreshHash, hashLength) &&
    areSpentTokens(session.spentTokens)
  );
}

function isOfKeys({ credentialId, sessionKey }: LiveSession): boolean {
  return (
    isBytes(credentialId, credentialIdLength) &&
    (sessionKey === null || isBytes(sessionKey, sessionKeyLength))
  );
}

function isBytes(value: unknown, length: number): boolean {
  return typeof value === 'string' && decodeBase64url(value, length) !== null;
}
