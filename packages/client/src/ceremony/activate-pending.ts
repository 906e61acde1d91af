import type { LocalKey } from '../storage/local-key.js';
import type { Call } from './call.js';
import { forgettingPasskeys } from './forget-passkeys.js';

/** Make a pending key the active one, after the server has accepted its proof. The key that it replaces is forgotten. */
export async function activatePending(call: Call, key: LocalKey): Promise<void> {
  await forgettingPasskeys(call, () => call.storage.activateKey(key, key.credentialId));
}
