import type { SessionSummary } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** The live sessions of a user. The session that was used last comes first. */
export async function listSessions(
  engine: Engine,
  userId: string,
  currentSessionId: string | undefined,
): Promise<SessionSummary[]> {
  const nowMs = engine.now();
  const sessions = await storeCall(engine.sessions.list(userId));
  return sessions
    .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
    .map(({ sessionId, credentialId, deviceName, createdAtMs, lastUsedAtMs }) => ({
      sessionId,
      credentialId,
      deviceName,
      createdAtMs,
      lastUsedAtMs,
      current: sessionId === currentSessionId,
    }));
}
