import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentialSessions } from './end-credential-sessions.js';
import { retirePins } from './retire-pins.js';

/**
 * Revoke a credential, retire its pins and end its sessions, for good: it never signs in again, and its user id and
 * key stay taken. A crash in between is mended by calling again.
 *
 * @returns whether this call revoked it.
 */
export async function revokeCredential(
  engine: Engine,
  userId: string,
  credentialId: string,
): Promise<boolean> {
  const atMs = engine.now();
  const revoked = await storeCall(engine.credentials.revoke(userId, credentialId, atMs));
  if (revoked) engine.emit({ atMs, userId, credentialId, type: 'credential_revoked' });
  if (revoked || (await isKnown(engine, userId, credentialId))) {
    await retirePins(engine, credentialId, atMs);
    await endCredentialSessions(engine, userId, credentialId);
  }
  return revoked;
}

async function isKnown(engine: Engine, userId: string, credentialId: string): Promise<boolean> {
  return (await storeCall(engine.credentials.find(userId, credentialId))) !== null;
}
