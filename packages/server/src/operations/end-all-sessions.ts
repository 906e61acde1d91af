import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** End all sessions of a user for good, except the named one. */
export async function endAllSessions(engine: Engine, userId: string, except?: string): Promise<void> {
  await storeCall(engine.sessions.endAll(userId, except));
  engine.emit({
    atMs: engine.now(),
    userId,
    credentialId: null,
    type: 'sessions_ended',
    ...(except === undefined ? {} : { except }),
  });
}
