import { constantTimeEqual } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import type { KeyUse, UnlockedKey } from '../vault/key-storage.js';
import type { Call, Opened } from './call.js';
import { Ceremony } from './ceremony.js';
import { activeKeyOf, findKeys } from './find-keys.js';
import { openKey, settle } from './open-key.js';
import { proveOpen } from './prove-open.js';
import { tryPending } from './try-pending.js';

/** A key that is open so that it can be wrapped anew. The caller disposes of it. */
export interface OpenToChange {
  key: LocalKey;
  unlocked: UnlockedKey;
  /** The pinId of the PIN slot in use, as far as this device knows, or `null` if it opens without the server. */
  pinId: Uint8Array | null;
  /** The pinIds of other PIN slots, left by changes with an unknown outcome. */
  otherPinIds: Uint8Array[];
}

/** The secret that opens a key, and the act for which it is opened. */
interface Opening {
  unlockWith: UnlockWith;
  use: KeyUse;
}

/**
 * Open a name's key to change it. If that takes the server's help, the server gets a fresh proof that the key is open.
 * The server then gives back the try that this cost. No session is started for it.
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
 * Open the replacement of an active key, if there is one and the server knows it. The pending key beside an active one
 * may have reached the server although the answer was lost. The active key is then revoked, and a question about its
 * PIN would raise an alarm against its owner. A replacement that opens becomes the active key.
 *
 * @returns `null` if there is no replacement, or the server does not know it.
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

/**
 * Open a key and prove to the server that it is open. The server then gives back the try that this cost. It starts no
 * session.
 *
 * @throws `DECRYPTION_FAILED`, `PIN_LOCKED`, `PIN_WAIT`, `PROOF_REJECTED`, and the errors of the transport.
 */
async function openWithProof(call: Call, key: LocalKey, { unlockWith, use }: Opening): Promise<Opened> {
  const ceremony = new Ceremony(call, { purpose: 'confirm', name: key });
  const unlocked = await openKey(ceremony, key, { unlockWith, use });
  try {
    await proveOpen(ceremony, unlocked);
    return await settle(ceremony, key, { unlocked, unlockWith });
  } catch (error) {
    unlocked.dispose();
    throw error;
  }
}

/** The pinIds of a key, oldest first. */
async function pinIdsOf(call: Call, key: LocalKey): Promise<Uint8Array[]> {
  const slots = await call.storage.listSlots(key, key.credentialId);
  return slots.flatMap(({ pinId }) => (pinId === null ? [] : [pinId]));
}
