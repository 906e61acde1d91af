import { encodeUtf8, formatConfirmation } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import type { SessionRecord } from '../sessions/session-record.js';
import type { LocalKey } from '../storage/local-key.js';
import { thumbprintOf } from '../transport/dpop-signer.js';
import type { IssuedChallenge } from '../transport/while-alive.js';
import type { Call } from './call.js';
import { Ceremony } from './ceremony.js';
import { activeKeyOf, findKeys } from './find-keys.js';
import { openKey } from './open-key.js';
import { openReplacement } from './open-to-change.js';

/** An action that a person confirms, with the exact body that will be sent. */
export interface ConfirmedAction {
  unlockWith: UnlockWith;
  action: string;
  payload: string | Uint8Array;
}

/** A fresh proof of an action. */
export interface ProvenAction {
  /** The value of the header of the confirmation. */
  confirmation: string;
  /** The challenge that the proof spends. */
  challenge: IssuedChallenge;
  /** The key that has proven it. */
  key: LocalKey;
}

/** Prove an action with the key of the session's user, for this session. The caller holds the user's lock. */
export async function proveAction(
  call: Call,
  { userId, keyPair }: Pick<SessionRecord, 'userId' | 'keyPair'>,
  { unlockWith, action, payload }: ConfirmedAction,
): Promise<ProvenAction> {
  const name = call.nameOf(userId);
  const keys = await findKeys(call, name);
  const replaced = await openReplacement(call, keys, { unlockWith, use: 'open-key' });
  replaced?.unlocked.dispose();
  const key = replaced?.key ?? activeKeyOf(keys);
  const use = {
    action,
    payload: typeof payload === 'string' ? encodeUtf8(payload) : payload,
    sessionKey: await thumbprintOf(keyPair),
  };
  const ceremony = new Ceremony(call, { purpose: 'confirm', name });
  const unlocked = await openKey(ceremony, key, { unlockWith, use });
  try {
    const confirmation = formatConfirmation(await ceremony.prove(unlocked, { for: 'confirm' }));
    return { confirmation, challenge: ceremony.challenge, key };
  } finally {
    unlocked.dispose();
  }
}
