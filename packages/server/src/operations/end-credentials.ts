import type { Engine } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentialSessions } from './end-credential-sessions.js';
import { endPins } from './end-pins.js';

/** A credential that was revoked, or replaced if `replacedBy` says so. */
export interface EndedCredential {
  credentialId: string;
  replacedBy?: string | null | undefined;
}

/** End what credentials that were revoked or replaced have left, their pins and sessions. */
export async function endCredentials(
  engine: Engine,
  userId: string,
  ended: readonly EndedCredential[],
): Promise<void> {
  const atMs = engine.now();
  for (const credential of ended) {
    await endPins(engine, credential, atMs);
    await endCredentialSessions(engine, userId, credential.credentialId);
  }
}

/**
 * End what an earlier, crashed call may have left of a credential that has ended, and of the user's other ended
 * credentials. It changes nothing if the user has no such credential.
 *
 * @param listed the user's credentials, from the store.
 */
export async function endLeftovers(
  engine: Engine,
  { userId, credentialId }: { userId: string; credentialId: string },
  listed: readonly Credential[],
): Promise<void> {
  const asked = await storeCall(engine.credentials.find(userId, credentialId));
  if (asked === null) return;
  if (asked.revokedAtMs !== null) await endCredentials(engine, userId, [asked]);
  const others = listed.filter((other) => other.revokedAtMs !== null && other.credentialId !== credentialId);
  const atMs = engine.now();
  for (const other of await withLivePins(engine, others)) await endPins(engine, other, atMs);
  // After the end of the first credential's sessions, the user has at most a hundred, which the store lists.
  const sessions = await storeCall(engine.sessions.list(userId));
  const used = new Set(sessions.map((session) => session.credentialId));
  for (const other of others) {
    if (used.has(other.credentialId)) await endCredentialSessions(engine, userId, other.credentialId);
  }
}

/** The credentials whose end has left a pin. The pins of a credential end in one step, so the newest stands for all. */
async function withLivePins(
  { pinAssistance }: Engine,
  ended: readonly Credential[],
): Promise<readonly Credential[]> {
  if (pinAssistance === null) return [];
  const newest = await storeCall(pinAssistance.store.newestOf(ended.map((each) => each.credentialId)));
  const frozen = new Map(newest.map((pin) => [pin.credentialId, pin.frozenAtMs !== null]));
  return ended.filter(({ credentialId, replacedBy }) =>
    replacedBy === null ? frozen.get(credentialId) === false : frozen.has(credentialId),
  );
}
