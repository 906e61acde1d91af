import { confirmationHeader, encodeUtf8, formatConfirmation } from '@zkp-auth/core';
import type { Confirmation, UnlockWith } from '../client-types.js';
import { keepConfirmation } from '../sessions/confirmed-fetch.js';
import { thumbprintOf } from '../sessions/session-key.js';
import { withUserLock } from '../locks/with-user-lock.js';
import { type Context, keyName } from '../ceremony/context.js';
import { activeKeyOf, findKeys } from '../ceremony/find-keys.js';
import { openReplacement } from '../ceremony/open-replacement.js';
import { createPinAssistant } from '../ceremony/pin-assistant.js';
import { prove } from '../ceremony/prove.js';
import { unlock } from '../ceremony/unlock.js';

/** See `ZkpAuthClient.confirm`. */
export async function confirm(
  context: Context,
  unlockWith: UnlockWith,
  { action, payload }: { action: string; payload: string | Uint8Array },
): Promise<Confirmation> {
  const { userId, keyPair } = await context.sessions.record();
  const name = keyName(context, userId);
  return withUserLock(name, context.signal, async () => {
    const keys = await findKeys(context, name);
    const replaced = await openReplacement(context, keys, { unlockWith, use: 'open-key' });
    replaced?.unlocked.dispose();
    const key = replaced?.key ?? activeKeyOf(keys);
    const assistant = createPinAssistant(context, { purpose: 'confirm', userId });
    const use = {
      action,
      payload: typeof payload === 'string' ? encodeUtf8(payload) : payload,
      sessionKey: await thumbprintOf(keyPair),
    };
    const unlocked = await unlock(context, key, { unlockWith, assistant, use });
    try {
      const challenge = await assistant.challengeFor(unlocked.credentialId);
      const proven = await prove(context, unlocked, { userId, challenge, asked: { for: 'confirm' } });
      const confirmation = formatConfirmation(proven);
      keepConfirmation(context.confirmations, confirmation, challenge);
      return { headers: { [confirmationHeader]: confirmation } };
    } finally {
      unlocked.dispose();
    }
  });
}
