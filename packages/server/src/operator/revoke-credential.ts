import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentials, endLeftovers } from '../operations/end-credentials.js';
import { tellOfRevocation } from '../operations/revoke-own-credential.js';

/**
 * Revoke a credential, or the one that has replaced it meanwhile, for good, also if it is the last. Its pins are frozen
 * and its sessions end. It never signs in again, and its user id and key stay taken. With a recovery credential, its
 * pending devices are revoked. After a crash in between, call it again.
 *
 * @returns whether this call revoked a credential. `false` if none of them was live or pending.
 */
export async function revokeCredential(
  engine: Engine,
  userId: string,
  credentialId: string,
): Promise<boolean> {
  const atMs = engine.now();
  const request = { userId, credentialId, by: null, atMs, evenTheLast: true };
  const outcome = await storeCall(engine.credentials.revokeBy(request));
  if (outcome.kind !== 'revoked') {
    const listed = await storeCall(engine.credentials.list(userId));
    await endLeftovers(engine, { userId, credentialId }, listed);
    return false;
  }
  tellOfRevocation(engine, { userId, atMs, requested: credentialId, outcome });
  const { ended } = outcome;
  // A rotation that was cut short has left sessions and pins of the old credential.
  const isReplaced = credentialId !== outcome.credentialId;
  const old = { credentialId, replacedBy: outcome.credentialId };
  await endCredentials(engine, userId, isReplaced ? [...ended, old] : ended);
  return true;
}
