import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { endAllSessions } from '../operations/end-all-sessions.js';

/**
 * Suspend a user. Until {@link resumeUser} no credential of theirs proves anything. All their sessions end. Their
 * credentials and pins stay as they are, and their name stays taken. After a crash in between, call it again.
 *
 * @returns whether this call suspended the user. `false` if there is no such user, or the user was suspended
 * before.
 */
export async function suspendUser(engine: Engine, userId: string): Promise<boolean> {
  const atMs = engine.now();
  const suspended = await storeCall(engine.credentials.suspend(userId, atMs));
  if (suspended) engine.emit({ atMs, userId, credentialId: null, type: 'user_suspended' });
  // After the mark. A login that is under way writes its session first, and then looks for the mark.
  if (suspended || (await isSuspended(engine, userId))) {
    await endLinks(engine, userId);
    await endAllSessions(engine, userId);
  }
  return suspended;
}

/**
 * End the suspension of a user, who then can sign in again with the same PIN.
 *
 * @returns whether this call ended it.
 */
export async function resumeUser(engine: Engine, userId: string): Promise<boolean> {
  if (!(await isSuspended(engine, userId))) return false;
  // A crash of `suspendUser` may have left links and sessions.
  await endLinks(engine, userId);
  await storeCall(engine.sessions.endAll(userId));
  const resumed = await storeCall(engine.credentials.resume(userId, engine.now()));
  if (resumed) engine.emit({ atMs: engine.now(), userId, credentialId: null, type: 'user_resumed' });
  return resumed;
}

async function endLinks(engine: Engine, userId: string): Promise<void> {
  if (engine.links !== null) await storeCall(engine.links.endAllOf(userId, engine.now()));
}

async function isSuspended(engine: Engine, userId: string): Promise<boolean> {
  const [credential] = await storeCall(engine.credentials.list(userId));
  return credential !== undefined && credential.suspendedAtMs !== null;
}
