import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Revoke a credential and retire its pins, for good: it never signs in again, and its user id and key stay taken.
 * A crash between the two is mended by calling again.
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
  if (engine.pinAssistance !== null && (revoked || (await isKnown(engine, userId, credentialId)))) {
    await storeCall(engine.pinAssistance.store.retireAllOf(credentialId, atMs));
  }
  return revoked;
}

async function isKnown(engine: Engine, userId: string, credentialId: string): Promise<boolean> {
  return (await storeCall(engine.credentials.find(userId, credentialId))) !== null;
}
