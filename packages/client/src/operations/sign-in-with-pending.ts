import { isZkpAuthError } from '@zkp-auth/core';
import type { Session } from '../client-types.js';
import type { LocalKey } from '../storage/key-storage.js';
import type { Context } from './context.js';
import { signIn } from './sign-in.js';

/** What became of trying a name's pending keys. */
export interface PendingOutcome {
  /** The server knew a key, which is active now. */
  signedIn: { session: Session; credentialId: string } | null;
  /** Opened under this PIN, and unknown to the server: the one to register again. */
  unregistered: LocalKey | null;
}

/** Try keys whose registration has an unknown outcome, newest first. Those of another PIN are passed over. */
export async function signInWithPending(
  context: Context,
  keys: LocalKey[],
  pin: string,
): Promise<PendingOutcome> {
  let unregistered: LocalKey | null = null;
  for (const key of keys) {
    try {
      const { credentialId } = key;
      return { signedIn: { session: await signIn(context, key, pin), credentialId }, unregistered: null };
    } catch (error) {
      if (!isZkpAuthError(error)) throw error;
      if (error.code === 'LOGIN_REJECTED') unregistered ??= key;
      else if (error.code !== 'DECRYPTION_FAILED') throw error;
    }
  }
  return { signedIn: null, unregistered };
}
