import type { SessionEnd } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import type { DisplacedSession } from '../stores/session-store.js';

/** Up to this many sessions that end at once have an event each. More have one event with their number. */
const maxEvents = 16;

/** End the sessions of a credential that has been revoked. */
export async function endCredentialSessions(
  engine: Engine,
  userId: string,
  credentialId: string,
): Promise<void> {
  const ended = await storeCall(engine.sessions.endOfCredential(userId, credentialId));
  const sessions = ended.map((sessionId) => ({ sessionId, credentialId }));
  tellOfEnds(engine, { userId, reason: 'credential_revoked' }, sessions);
}

/** Emit the events of a user's sessions that have ended. */
export function tellOfEnds(
  engine: Engine,
  { userId, reason }: { userId: string; reason: SessionEnd },
  ended: readonly DisplacedSession[],
): void {
  const atMs = engine.now();
  const [first] = ended;
  if (first !== undefined && ended.length > maxEvents) {
    const { credentialId } = first;
    engine.emit({ atMs, userId, credentialId, type: 'sessions_ended', reason, count: ended.length });
    return;
  }
  for (const { sessionId, credentialId } of ended) {
    engine.emit({ atMs, userId, credentialId, type: 'session_ended', sessionId, reason });
  }
}
