import { loadPasskeyPrompts, passkeyTools } from '../passkeys/passkey-secrets.js';
import type { PasskeyOfSlot } from '../passkeys/signal-unused.js';
import type { LocalSlot } from '../storage/local-key.js';
import type { Call } from './call.js';

/**
 * Remove slots for good. Then tell the browser about their passkeys that no slot uses any more (decision 63). If the
 * removal fails, nothing is told.
 */
export async function forgettingPasskeys<T>(call: Call, remove: () => Promise<T>): Promise<T> {
  const slots = await slotsOf(call).catch(() => []);
  const result = await remove();
  forgetPasskeys(call, slots);
  return result;
}

/**
 * Tell the browser about the passkeys of these slots that no slot on this device uses. This is background work. If it
 * fails, the authenticator keeps the passkeys, and nothing else is different.
 */
export function forgetPasskeys({ later }: Call, removed: readonly PasskeyOfSlot[]): void {
  if (removed.every(({ passkeyId }) => passkeyId === null)) return;
  later((call) =>
    loadPasskeyPrompts()
      .then(async ({ signalUnused }) => signalUnused(passkeyTools, removed, await slotsOf(call)))
      .catch(() => undefined),
  );
}

/** The slots of all keys on this device, of whatever user and server. */
async function slotsOf({ storage }: Call): Promise<LocalSlot[]> {
  const keys = await storage.listKeys();
  return (await Promise.all(keys.map((key) => storage.listSlots(key, key.credentialId)))).flat();
}
