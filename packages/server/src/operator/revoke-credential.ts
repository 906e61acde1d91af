import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentialSessions } from '../operations/end-credential-sessions.js';
import { retirePins } from '../operations/retire-pins.js';

/**
 * Revoke a credential, or the one that has replaced it meanwhile, for good. Its pins are retired and its sessions
 * end. It never signs in again, and its user id and key stay taken. After a crash in between, call it again.
 *
 * @returns whether this call revoked a credential. `false` if none of them was live.
 */
export async function revokeCredential(
  engine: Engine,
  userId: string,
  credentialId: string,
): Promise<boolean> {
  const atMs = engine.now();
  const revokedId = await storeCall(engine.credentials.revoke(userId, credentialId, atMs));
  if (revokedId !== null) {
    const event = { atMs, userId, credentialId: revokedId, type: 'credential_revoked' } as const;
    engine.emit(revokedId === credentialId ? event : { ...event, requestedCredentialId: credentialId });
  }
  const revokedIds = new Set(
    revokedId === null
      ? await revokedBefore(engine, userId, credentialId)
      : // A rotation that was cut short has left sessions and pins of the old credential.
        [revokedId, credentialId],
  );
  for (const revoked of revokedIds) {
    await retirePins(engine, revoked, atMs);
    await endCredentialSessions(engine, userId, revoked);
  }
  return revokedId !== null;
}

/**
 * The credentials that an earlier, crashed call may have left half done. Empty if this user has no such credential.
 */
async function revokedBefore(engine: Engine, userId: string, credentialId: string): Promise<string[]> {
  if ((await storeCall(engine.credentials.find(userId, credentialId))) === null) return [];
  const credentials = await storeCall(engine.credentials.list(userId));
  const revoked = credentials.filter(({ revokedAtMs }) => revokedAtMs !== null);
  return [credentialId, ...revoked.map((credential) => credential.credentialId)];
}
