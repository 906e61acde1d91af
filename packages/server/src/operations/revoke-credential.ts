import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Revoke a credential, for good: it never signs in again, and its user id and key stay taken.
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
  return revoked;
}
