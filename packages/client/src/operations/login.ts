import { ZkpAuthError } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { findKeys } from '../ceremony/find-keys.js';
import { isRenewalDue, renewPin } from '../ceremony/renew-pin.js';
import { type SignedIn, signIn } from '../ceremony/sign-in.js';
import { tryPending } from '../ceremony/try-pending.js';
import type { Session, UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-lock.js';
import { assertDeviceName } from './assert-device-name.js';
import type { LocalKey } from '../storage/local-key.js';

/** See `ZkpAuthClient.login`. */
export async function login(
  unnamed: Call,
  userId: string,
  { unlockWith, deviceName }: { unlockWith: UnlockWith; deviceName: string | undefined },
): Promise<Session> {
  assertDeviceName(deviceName);
  const call = { ...unnamed, deviceName };
  const name = call.nameOf(userId);
  return withUserLock(name, call.signal, async () => {
    const keys = await findKeys(call, name);
    await call.marker?.mend(name);
    const active = keys.find(({ state }) => state === 'active');
    const pending = keys.filter(({ state }) => state === 'pending');
    const { accepted, unregistered, refused } = await tryPending(call, pending, (key) =>
      signIn(call, key, unlockWith),
    );
    if (accepted !== null) {
      accepted.unlocked.dispose();
      return accepted.session;
    }
    if (refused !== null) throw refused;
    if (active === undefined) {
      throw new ZkpAuthError(unregistered ? 'REGISTRATION_UNFINISHED' : 'DECRYPTION_FAILED');
    }
    const opened = await signIn(call, active, unlockWith);
    keepUp(call, active, { ...opened, unlockWith });
    return opened.session;
  });
}

/** The remaining work after the person is signed in. */
function keepUp(call: Call, before: LocalKey, opened: SignedIn & { unlockWith: UnlockWith }): void {
  const { key, session, unlocked, pinId, unlockWith } = opened;
  const use = { pinId, failedTries: session.failedPinTries };
  const rotated = key.credentialId !== before.credentialId;
  if (typeof unlockWith !== 'string' || rotated || !isRenewalDue(call, key, use)) {
    unlocked.dispose();
    return;
  }
  call.later(async (quiet) => {
    try {
      await renewPin(quiet, key, { unlocked, pin: unlockWith, pinId });
    } finally {
      unlocked.dispose();
    }
  });
}
