import { forgetEndedOf } from '../sessions/forget-ended-of.js';
import type { KeyName } from '../storage/local-key.js';
import type { Call } from './call.js';
import { forgettingPasskeys } from './forget-passkeys.js';

/** Forget a user's keys on this device, and stop reporting their session that has ended. The caller holds the user's lock. */
export async function forgetKey(call: Call, name: KeyName): Promise<void> {
  await forgettingPasskeys(call, () => call.storage.deleteKey(name));
  await call.marker?.clear(name);
  // The key is gone. A failure to change the report of the session's end does not change that.
  await forgetEndedOf(call.session, name.userId).catch(() => undefined);
}
