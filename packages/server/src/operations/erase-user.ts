import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ActingSession } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Erase everything of a user whose erasure has begun, a bounded number of rows in each step, with other work in
 * between. Any number of processes may do so at once. After a crash, call it again.
 *
 * @returns whether this call finished the erasure.
 */
async function eraseUser(engine: Engine, userId: string): Promise<boolean> {
  await eraseBesideCredentials(engine, userId);
  for (;;) {
    const credentialIds = await storeCall(engine.credentials.eraseCredentials(userId));
    if (credentialIds === null) break;
    await engine.limits.forget('credentialId', credentialIds);
    await nextTurn();
  }
  // Logins and enrolments that were under way may have written a row meanwhile. From now on they find no credential.
  await eraseBesideCredentials(engine, userId);
  await engine.limits.forget('userId', [userId]);
  return storeCall(engine.credentials.finishErasure(userId, engine.now()));
}

/**
 * Finish a deletion that has begun.
 *
 * @param by the session that asked for it; absent for an operator's call, or if a crash came between.
 * @returns whether this call finished it.
 */
export async function finishDeletion(engine: Engine, userId: string, by?: ActingSession): Promise<boolean> {
  const isFinished = await eraseUser(engine, userId);
  const event = { atMs: engine.now(), userId, credentialId: null, type: 'user_deleted' } as const;
  if (isFinished) engine.emit(by === undefined ? event : { ...event, by });
  return isFinished;
}

/** Sessions, links and pins. No user has more than a few links. */
async function eraseBesideCredentials(
  { sessions, links, pinAssistance }: Engine,
  userId: string,
): Promise<void> {
  while (await storeCall(sessions.erase(userId))) await nextTurn();
  if (links !== null) await storeCall(links.forgetAllOf(userId));
  if (pinAssistance === null) return;
  while ((await storeCall(pinAssistance.store.erase(userId))).length > 0) await nextTurn();
}
