import { loginContext, parseSessionResponse } from '@zkp-auth/core';
import type { Session } from '../client-types.js';
import type { LocalKey } from '../storage/key-storage.js';
import { contact, type Context } from './context.js';
import { prove } from './prove.js';
import { requestChallenge } from './request-challenge.js';
import { unlock } from './unlock.js';

/**
 * Sign in with one key; a pending one that the server turns out to know becomes the active one.
 *
 * @throws `DECRYPTION_FAILED`, `LOGIN_REJECTED`, and what the transport throws.
 */
export async function signIn(context: Context, key: LocalKey, pin: string): Promise<Session> {
  const { userId, credentialId } = key;
  const challenge = await requestChallenge(context, { purpose: 'login', userId, credentialId });
  const unlocked = await unlock(context, key, pin);
  try {
    const purposeContext = loginContext();
    const fields = await prove(context, unlocked, { purpose: 'login', userId, challenge, purposeContext });
    const session = parseSessionResponse(await contact(context, 'verify', { ...fields, credentialId }));
    if (key.state === 'pending') await context.storage.confirmKey(key, credentialId);
    return session;
  } finally {
    unlocked.dispose();
  }
}
