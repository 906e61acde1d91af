import type { Engine } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';

/** A credential that exists and is not revoked. */
export async function findLiveCredential(
  engine: Engine,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<Credential | null> {
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  return credential?.revokedAtMs === null ? credential : null;
}
