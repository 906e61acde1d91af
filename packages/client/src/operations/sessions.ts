import type { Call } from '../ceremony/call.js';
import { hasNoSession, type SessionInfo, sessionInfoOf } from '../sessions/session-record.js';

/** See `ZkpAuthClient.getSession`. */
export async function findSession({ session, signal }: Call): Promise<SessionInfo | null> {
  try {
    return sessionInfoOf(await session.current(signal));
  } catch (error) {
    if (hasNoSession(error)) return null;
    throw error;
  }
}

/** See `ZkpAuthClient.signOut`. */
export async function signOut({ session, signal, standing }: Call): Promise<void> {
  await session.signOut(signal, () => (standing.outcome = 'done'));
}
