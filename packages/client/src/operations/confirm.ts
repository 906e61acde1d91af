import { confirmationHeader, encodeUtf8, formatConfirmation } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { Ceremony } from '../ceremony/ceremony.js';
import { activeKeyOf, findKeys } from '../ceremony/find-keys.js';
import { openKey } from '../ceremony/open-key.js';
import { openReplacement } from '../ceremony/open-to-change.js';
import type { Confirmation, UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-lock.js';
import { keepConfirmation } from '../sessions/confirmed-fetch.js';
import { thumbprintOf } from '../transport/dpop-signer.js';

/** See `ZkpAuthClient.confirm`. */
export async function confirm(
  call: Call,
  unlockWith: UnlockWith,
  { action, payload }: { action: string; payload: string | Uint8Array },
): Promise<Confirmation> {
  const { userId, keyPair } = await call.session.record();
  const name = call.nameOf(userId);
  return withUserLock(name, call.signal, async () => {
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
      keepConfirmation(call.confirmations, confirmation, ceremony.challenge);
      return { headers: { [confirmationHeader]: confirmation } };
    } finally {
      unlocked.dispose();
    }
  });
}
