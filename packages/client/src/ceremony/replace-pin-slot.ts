import { errorStatus, isZkpAuthError } from '@zkp-auth/core';
import type { LocalKey, LocalSlot, UnlockedKey } from '../vault/key-storage.js';
import type { Context } from './context.js';
import { enrolPin } from './enrol-pin.js';

/**
 * Put a new PIN slot in the place of the old one. The new one is on disk before the server is asked; where the
 * outcome stays unknown both are kept, and the next unlock finds out which of them counts.
 */
export async function replacePinSlot(
  context: Context,
  key: LocalKey,
  unlocked: UnlockedKey,
  use: { pin: string; oldPinId: Uint8Array | null; newPin?: boolean | undefined },
): Promise<void> {
  const { userId, credentialId } = key;
  let added: LocalSlot | undefined;
  try {
    const slot = await enrolPin(context, unlocked, {
      userId,
      ...use,
      seal: async (secret) => (added = await context.storage.addSlot(unlocked, secret)),
    });
    await context.storage.settlePinSlot(key, credentialId, slot.id);
  } catch (error) {
    if (added !== undefined && isCertainRefusal(error)) {
      await context.storage.removeSlot(key, credentialId, added.id).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Whether a refusal means that nothing happened: a request that cannot be read fails in every copy of it. Any other
 * may be that of a second copy, which browsers and proxies send, after the first one went through.
 */
function isCertainRefusal(error: unknown): boolean {
  return isZkpAuthError(error) && errorStatus[error.code] === 400;
}
