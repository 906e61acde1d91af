import { wipe } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import type { LocalKey } from '../storage/local-key.js';
import type { KeyUse, SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import { type Opened, rareSteps } from './call.js';
import type { Ceremony } from './ceremony.js';

/** Open a key with its PIN or a passkey, and prove nothing yet. The caller disposes of it. */
export async function openKey(
  ceremony: Ceremony,
  key: LocalKey,
  { unlockWith, use }: { unlockWith: UnlockWith; use: KeyUse },
): Promise<UnlockedKey> {
  const { call } = ceremony;
  const { storage, signal } = call;
  let secret: SlotSecret;
  if (typeof unlockWith === 'string') secret = { kind: 'pin', pin: unlockWith, assist: ceremony.assist };
  else {
    const { getPasskeySecret } = await rareSteps(call);
    secret = await getPasskeySecret(await storage.listSlots(key, key.credentialId), signal);
  }
  call.report('unlocking');
  const opening = storage.unlock(key, key.credentialId, secret, use).finally(() => wipeSecret(secret));
  return ceremony.opened(opening);
}

/**
 * Settle a key after the server has accepted its proof. A pending key becomes the active one, and a first-generation
 * key is replaced. If that fails, a sign-in continues with the old key, and the next sign-in tries again.
 */
export async function settle(
  ceremony: Ceremony,
  key: LocalKey,
  { unlocked, unlockWith }: { unlocked: UnlockedKey; unlockWith: UnlockWith },
): Promise<Opened> {
  const { call, act, pin } = ceremony;
  if (key.state === 'pending') {
    const { activatePending } = await rareSteps(call);
    await activatePending(call, key);
  }
  const opened = { key, unlocked, pinId: pin?.id ?? null, moved: null };
  if (!key.mustRotate || typeof unlockWith !== 'string') return opened;
  try {
    const { rotateOldKey } = await rareSteps(call);
    return await rotateOldKey(call, opened, { pin: unlockWith });
  } catch (error) {
    if (act.purpose === 'confirm') throw error;
    call.later(() => Promise.reject(error));
    return opened;
  }
}

/** Wipe the page's copy of a passkey's secret. */
export function wipeSecret(secret: SlotSecret): void {
  if (secret.kind === 'passkey') wipe(secret.prfOutput);
}
