import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** End the sessions of a credential that has been revoked. */
export async function endCredentialSessions(
  engine: Engine,
  userId: string,
  credentialId: string,
): Promise<void> {
  const ended = await storeCall(engine.sessions.endOfCredential(userId, credentialId));
  const event = { atMs: engine.now(), userId, credentialId };
  for (const sessionId of ended) {
    engine.emit({ ...event, type: 'session_ended', sessionId, reason: 'credential_revoked' });
  }
}
