import type { SessionEnd } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { StoredSession } from '../stores/session-store.js';
import { storeCall } from '../stores/store-call.js';

/**
 * End a session, for good.
 *
 * @returns whether this call ended it.
 */
export async function endSession(
  engine: Engine,
  session: StoredSession,
  reason: SessionEnd,
): Promise<boolean> {
  const { userId, credentialId, sessionId } = session;
  const ended = await storeCall(engine.sessions.end(sessionId));
  if (ended) {
    engine.emit({ atMs: engine.now(), userId, credentialId, type: 'session_ended', sessionId, reason });
  }
  return ended;
}

/** End the session of this id if it belongs to the user. Another user's session stays as it is. */
export async function endSessionOf(engine: Engine, userId: string, sessionId: string): Promise<boolean> {
  const session = await storeCall(engine.sessions.find(sessionId));
  return session?.userId === userId && (await endSession(engine, session, 'ended'));
}
