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
 * The ended credentials of a user, which an earlier, crashed call may have left half done. Empty if this user has no
 * such credential.
 */
export async function endedCredentials(
  engine: Engine,
  userId: string,
  credentialId: string,
): Promise<Credential[]> {
  const asked = await storeCall(engine.credentials.find(userId, credentialId));
  if (asked === null) return [];
  const listed = await storeCall(engine.credentials.list(userId));
  const others = listed.filter((other) => other.revokedAtMs !== null && other.credentialId !== credentialId);
  return asked.revokedAtMs === null ? others : [asked, ...others];
}
