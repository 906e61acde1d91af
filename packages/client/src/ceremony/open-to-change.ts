import { constantTimeEqual } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import type { KeyUse, UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { Ceremony } from './ceremony.js';
import { activeKeyOf, findKeys } from './find-keys.js';
import { openKey, type Opened, openWithProof } from './open-key.js';
import { tryPending } from './try-pending.js';

/** A key that is open to be wrapped anew. The caller disposes of it. */
export interface OpenToChange {
  key: LocalKey;
  unlocked: UnlockedKey;
  /** Of the PIN slot that is in use, as far as this device knows; `null` if it opens without the server. */
  pinId: Uint8Array | null;
  /** Of other PIN slots, which changes left whose outcome is unknown. */
  otherPinIds: Uint8Array[];
}

/** What opens a key, and the act that it is opened for. */
interface Opening {
  unlockWith: UnlockWith;
  use: KeyUse;
}

/**
 * Open a name's key to change it. If that takes the server's help, the server is given a fresh proof that it is
 * open, so that the try which it costs is given back; a session is not made for it.
 */
export async function openToChange(call: Call, name: KeyName, opening: Opening): Promise<OpenToChange> {
  const keys = await findKeys(call, name);
  const replaced = await openReplacement(call, keys, opening);
  if (replaced !== null) return { ...replaced, otherPinIds: [] };
  const key = activeKeyOf(keys);
  const pinIds = await pinIdsOf(call, key);
  const newest = pinIds.at(-1) ?? null;
  if (typeof opening.unlockWith === 'string' && (newest !== null || key.mustRotate)) {
    const { key: opened, unlocked, pinId } = await openWithProof(call, key, opening);
    const others = (await pinIdsOf(call, opened)).filter(
      (id) => pinId === null || !constantTimeEqual(id, pinId),
    );
    return { key: opened, unlocked, pinId, otherPinIds: others };
  }
  const unlocked = await openKey(new Ceremony(call, { purpose: 'confirm', name }), key, opening);
  return { key, unlocked, pinId: newest, otherPinIds: pinIds.slice(0, -1) };
}

/**
 * Open the replacement of an active key, if there is one and the server knows it: a pending key beside an active one
 * may have arrived though its answer did not. The active one is revoked then, and asking about its PIN would raise an
 * alarm against its owner. A replacement that opens becomes the active key.
 *
 * @returns `null` if there is none, or the server does not know it.
 * @throws as `openWithProof`, if the server knows it and the PIN is wrong.
 */
export async function openReplacement(
  call: Call,
  keys: LocalKey[],
  opening: Opening,
): Promise<Opened | null> {
  const pending = keys.filter(({ state }) => state === 'pending');
  if (pending.length === 0 || pending.length === keys.length) return null;
  const { accepted, refused } = await tryPending(call, pending, (key) => openWithProof(call, key, opening));
  if (refused !== null) throw refused;
  return accepted;
}

/** Oldest first. */
async function pinIdsOf(call: Call, key: LocalKey): Promise<Uint8Array[]> {
  const slots = await call.storage.listSlots(key, key.credentialId);
  return slots.flatMap(({ pinId }) => (pinId === null ? [] : [pinId]));
}
