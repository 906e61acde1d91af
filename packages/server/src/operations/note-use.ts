import type { Engine } from '../engine.js';
import { type Credential, useMarkIntervalMs } from '../stores/credential-store.js';
import { isNear } from '../stores/is-near.js';
import { storeCall } from '../stores/store-call.js';

/**
 * Note that a credential was used, at most once an hour. A store that cannot note it refuses nobody, because the
 * credential has done its work by then.
 */
export async function noteUse(engine: Engine, { credentialId, lastUsedAtMs }: Credential): Promise<void> {
  const atMs = engine.now();
  if (isNear(lastUsedAtMs, atMs, useMarkIntervalMs)) return;
  await storeCall(engine.credentials.markUsed(credentialId, atMs)).catch(engine.reportError);
}
