import type { LocalKey } from '../vault/key-storage.js';
import type { Context } from './context.js';

/** A PIN slot older than this gets a new pinId, so that copies of it go stale. */
const renewAfterMs = 24 * 60 * 60 * 1000;

/**
 * Whether a PIN slot that was just used is to be renewed: wrong tries on it, its age, made without the server, or under
 * the first form of its PIN.
 */
export function isRenewalDue(
  context: Context,
  key: LocalKey,
  use: { pinId: Uint8Array | null; failedTries: number },
): boolean {
  if (!context.pinAssistance) return false;
  const renewedAtMs = Date.parse(key.pinRenewedAt ?? '');
  const fresh = Math.abs(Date.now() - renewedAtMs) < renewAfterMs;
  return use.pinId === null || use.failedTries > 0 || key.oldPinForm === true || !fresh;
}
