import { errorStatus, isZkpAuthError, type SessionResponse, wipe } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import { getPasskeySecret } from '../passkeys/passkey-secrets.js';
import type { LocalKey } from '../storage/local-key.js';
import type { KeyUse, SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import type { Ceremony } from './ceremony.js';
import { rareSteps } from './call.js';
import { forgettingPasskeys } from './forget-passkeys.js';

/** A key that was opened and has proven itself to the server. */
export interface Opened {
  /** The key that is active now. */
  key: LocalKey;
  /** The caller disposes of it. */
  unlocked: UnlockedKey;
  /** The PIN slot that the server helped to open. */
  pinId: Uint8Array | null;
  /** The session that continued with the new key, if opening the key replaced it. */
  moved: SessionResponse | null;
}

/** Open a key with its PIN or a passkey, and prove nothing yet. The caller disposes of it. */
export async function openKey(
  ceremony: Ceremony,
  key: LocalKey,
  { unlockWith, use }: { unlockWith: UnlockWith; use: KeyUse },
): Promise<UnlockedKey> {
  const { call } = ceremony;
  const { storage, signal } = call;
  const secret: SlotSecret =
    typeof unlockWith === 'string'
      ? { kind: 'pin', pin: unlockWith, assist: ceremony.assist }
      : await getPasskeySecret(await storage.listSlots(key, key.credentialId), signal);
  call.report('unlocking');
  const opening = storage.unlock(key, key.credentialId, secret, use).finally(() => wipeSecret(secret));
  return ceremony.opened(opening);
}

/**
 * Settle a key after the server has accepted its proof. A pending key becomes the active one, and a first-generation
 * key is replaced.
 */
export async function settle(
  ceremony: Ceremony,
  key: LocalKey,
  { unlocked, unlockWith }: { unlocked: UnlockedKey; unlockWith: UnlockWith },
): Promise<Opened> {
  const { call, pin } = ceremony;
  if (key.state === 'pending') {
    await forgettingPasskeys(call, () => call.storage.activateKey(key, key.credentialId));
  }
  const opened = { key, unlocked, pinId: pin?.id ?? null, moved: null };
  if (!key.mustRotate || typeof unlockWith !== 'string') return opened;
  return rotated(ceremony, opened, unlockWith);
}

/**
 * Replace a first-generation key. If that fails, the old key stays, and the next sign-in tries again. A change of the
 * key does not continue with an old key that may be replaced by now, because the server would refuse it.
 */
async function rotated({ call, act }: Ceremony, opened: Opened, pin: string): Promise<Opened> {
  const { key, unlocked } = opened;
  try {
    const { rotateKey } = await rareSteps(call);
    const replaced = await rotateKey(call, key, { unlocked, pin, isAssisted: opened.pinId !== null });
    unlocked.dispose();
    const { credentialId } = replaced.unlocked;
    return { ...replaced, key: { ...key, credentialId, mustRotate: false } };
  } catch (error) {
    if (act.purpose === 'confirm' && !isRefusal(error)) throw error;
    call.later(() => Promise.reject(error));
    return opened;
  }
}

/** Whether the server itself has refused. Any other error may hide a success. */
function isRefusal(error: unknown): boolean {
  const status = isZkpAuthError(error) ? errorStatus[error.code] : null;
  return status !== null && status < 500;
}

/** Wipe the page's copy of a passkey's secret. */
export function wipeSecret(secret: SlotSecret): void {
  if (secret.kind === 'passkey') wipe(secret.prfOutput);
}
