import { ZkpAuthError } from '@zkp-auth/core';
import type { Session, UnlockWith } from '../client-types.js';
import type { LocalKey } from '../vault/key-storage.js';
import { withUserLock } from '../locks/with-user-lock.js';
import { type Context, keyName } from '../ceremony/context.js';
import { findKeys } from '../ceremony/find-keys.js';
import { isRenewalDue } from '../ceremony/is-renewal-due.js';
import { renewPin } from '../ceremony/renew-pin.js';
import { type SignedIn, signIn } from '../ceremony/sign-in.js';
import { tryPending } from '../ceremony/try-pending.js';

/** See `ZkpAuthClient.login`. */
export async function login(context: Context, userId: string, unlockWith: UnlockWith): Promise<Session> {
  const name = keyName(context, userId);
  return withUserLock(name, context.signal, async () => {
    const keys = await findKeys(context, name);
    await context.marker?.mend(name);
    const active = keys.find(({ state }) => state === 'active');
    const pending = keys.filter(({ state }) => state === 'pending');
    const { accepted, unregistered, refused } = await tryPending(context, pending, (key) =>
      signIn(context, key, unlockWith),
    );
    if (accepted !== null) {
      accepted.unlocked.dispose();
      return accepted.session;
    }
    if (refused !== null) throw refused;
    if (active === undefined) {
      throw new ZkpAuthError(unregistered ? 'REGISTRATION_UNFINISHED' : 'DECRYPTION_FAILED');
    }
    const opened = await signIn(context, active, unlockWith);
    keepUp(context, active, opened, unlockWith);
    return opened.session;
  });
}

/** What is left to do when the person is signed in already. */
function keepUp(context: Context, before: LocalKey, opened: SignedIn, unlockWith: UnlockWith): void {
  const { key, session, unlocked, pinId } = opened;
  const use = { pinId, failedTries: session.failedPinTries };
  const rotated = key.credentialId !== before.credentialId;
  if (typeof unlockWith !== 'string' || rotated || !isRenewalDue(context, key, use)) {
    unlocked.dispose();
    return;
  }
  context.later(async (quiet) => {
    try {
      await renewPin(quiet, key, { unlocked, pin: unlockWith, pinId });
    } finally {
      unlocked.dispose();
    }
  });
}
