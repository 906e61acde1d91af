import type { Engine } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';

/** A credential that exists, is not revoked, and whose user is not suspended. */
export async function findLiveCredential(
  engine: Engine,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<Credential | null> {
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  return credential !== null && isLive(credential) ? credential : null;
}

export function isLive({ revokedAtMs, suspendedAtMs }: Credential): boolean {
  return revokedAtMs === null && suspendedAtMs === null;
}
