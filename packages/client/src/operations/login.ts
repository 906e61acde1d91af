import { ZkpAuthError } from '@zkp-auth/core';
import { type Call, rareSteps } from '../ceremony/call.js';
import { activeKeyOf, findKeys } from '../ceremony/find-keys.js';
import { assertDeviceName, type SignedIn, signIn } from '../ceremony/sign-in.js';
import type { Session, UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-lock.js';
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
    const accepted = await signInPending(call, keys, unlockWith);
    if (accepted !== null) return accepted.session;
    const active = activeKeyOf(keys);
    const opened = await signIn(call, active, unlockWith);
    keepUp(call, active, { ...opened, unlockWith });
    return opened.session;
  });
}

/**
 * Sign in with a pending key, if the server knows one of them.
 *
 * @returns `null` if the active key has to sign in, or if no key of the name was ever registered.
 */
async function signInPending(call: Call, keys: LocalKey[], unlockWith: UnlockWith): Promise<SignedIn | null> {
  const pending = keys.filter(({ state }) => state === 'pending');
  if (pending.length === 0) return null;
  const { tryPending } = await rareSteps(call);
  const { accepted, unregistered, refused } = await tryPending(call, pending, (key) =>
    signIn(call, key, unlockWith),
  );
  accepted?.unlocked.dispose();
  if (accepted !== null) return accepted;
  if (refused !== null) throw refused;
  if (!unregistered && pending.length === keys.length) throw new ZkpAuthError('DECRYPTION_FAILED');
  return null;
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
      const { renewPin } = await rareSteps(quiet);
      await renewPin(quiet, key, { unlocked, pin: unlockWith, pinId });
    } finally {
      unlocked.dispose();
    }
  });
}

/** A PIN slot older than this gets a new pinId, so that copies of it become useless. */
const renewAfterMs = 24 * 60 * 60 * 1000;

/**
 * Whether a PIN slot that was just used has to be renewed. The reasons are wrong tries on it, its age, a slot that
 * opens without the server, and the first form of its PIN.
 */
function isRenewalDue(
  call: Call,
  key: LocalKey,
  use: { pinId: Uint8Array | null; failedTries: number },
): boolean {
  if (!call.pinAssistance) return false;
  const renewedAtMs = Date.parse(key.pinRenewedAt ?? '');
  const fresh = Math.abs(Date.now() - renewedAtMs) < renewAfterMs;
  return use.pinId === null || use.failedTries > 0 || key.oldPinForm === true || !fresh;
}
