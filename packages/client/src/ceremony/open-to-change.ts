import { constantTimeEqual } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import type { KeyUse, LocalKey, UnlockedKey } from '../vault/key-storage.js';
import { type Context, keyName } from './context.js';
import { activeKeyOf, findKeys } from './find-keys.js';
import { openReplacement } from './open-replacement.js';
import { createPinAssistant } from './pin-assistant.js';
import { openWithProof } from './sign-in.js';
import { unlock } from './unlock.js';

/** A key that is open to be wrapped anew. Whoever gets it disposes of it. */
export interface OpenToChange {
  key: LocalKey;
  unlocked: UnlockedKey;
  /** Of the PIN slot that is in use, as far as this device knows; `null` where it opens without the server. */
  pinId: Uint8Array | null;
  /** Of other PIN slots, which changes left whose outcome is unknown. */
  otherPinIds: Uint8Array[];
}

/**
 * Open a name's key to change it. Where that takes the server's help, the server is given a fresh proof that it is
 * open, so that the try which it costs is given back; a session is not made for it.
 */
export async function openToChange(
  context: Context,
  userId: string,
  { unlockWith, use }: { unlockWith: UnlockWith; use: KeyUse },
): Promise<OpenToChange> {
  const keys = await findKeys(context, keyName(context, userId));
  const replaced = await openReplacement(context, keys, { unlockWith, use });
  if (replaced !== null) return { ...replaced, otherPinIds: [] };
  const key = activeKeyOf(keys);
  const pinIds = await pinIdsOf(context, key);
  const newest = pinIds.at(-1) ?? null;
  if (typeof unlockWith === 'string' && (newest !== null || key.mustRotate)) {
    const { key: opened, unlocked, pinId } = await openWithProof(context, key, unlockWith, use);
    const others = (await pinIdsOf(context, opened)).filter(
      (id) => pinId === null || !constantTimeEqual(id, pinId),
    );
    return { key: opened, unlocked, pinId, otherPinIds: others };
  }
  const assistant = createPinAssistant(context, { purpose: 'confirm', userId });
  const unlocked = await unlock(context, key, { unlockWith, assistant, use });
  return { key, unlocked, pinId: newest, otherPinIds: pinIds.slice(0, -1) };
}

/** Oldest first. */
async function pinIdsOf(context: Context, key: LocalKey): Promise<Uint8Array[]> {
  const slots = await context.storage.listSlots(key, key.credentialId);
  return slots.flatMap(({ pinId }) => (pinId === null ? [] : [pinId]));
}
