import { ZkpAuthError } from '@zkp-auth/core';
import type { Session } from '../client-types.js';
import { withUserLock } from '../with-user-lock.js';
import { type Context, keyName } from './context.js';
import { findKeys } from './find-keys.js';
import { signIn } from './sign-in.js';
import { signInWithPending } from './sign-in-with-pending.js';

/** See `ZkpAuthClient.login`. */
export async function login(context: Context, userId: string, pin: string): Promise<Session> {
  const name = keyName(context, userId);
  const active = (await findKeys(context, name)).find((key) => key.state === 'active');
  if (active !== undefined) return signIn(context, active, pin);

  return withUserLock(name, context.signal, async () => {
    const keys = await findKeys(context, name);
    const [first] = keys;
    if (first?.state === 'active') return signIn(context, first, pin);
    const { signedIn, unregistered } = await signInWithPending(context, keys, pin);
    if (signedIn !== null) return signedIn.session;
    throw new ZkpAuthError(unregistered === null ? 'DECRYPTION_FAILED' : 'REGISTRATION_UNFINISHED');
  });
}
