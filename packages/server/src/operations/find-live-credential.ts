import type { Engine } from '../engine.js';
import { isDevice } from '../stores/credential-policy.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';

/** A device that exists, is neither revoked nor pending, and whose user is not suspended. */
export async function findLiveCredential(
  engine: Engine,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<Credential | null> {
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  return credential !== null && isLive(credential, engine.now()) ? credential : null;
}

/** Whether a credential signs in. */
export function isLive(credential: Credential, nowMs: number): boolean {
  const { revokedAtMs, suspendedAtMs } = credential;
  return revokedAtMs === null && suspendedAtMs === null && isDevice(credential, nowMs);
}
