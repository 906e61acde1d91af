import type { UnlockWith } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { withUserLock } from '../locks/with-lock.js';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import type { Call, Standing } from './call.js';
import { findActiveKey } from './find-keys.js';
import { isSessionRevoked } from './look-at-session.js';
import { signIn } from './sign-in.js';

/**
 * Sign in with a key to hear why the server refuses it. Only a login tells a device that it was revoked. It costs a try of
 * the PIN. The caller holds the user's lock.
 *
 * @returns the refusal, or `null` if the key signs in. The person is signed in then.
 */
export async function refusalOfLogin(call: Call, key: LocalKey, unlockWith: UnlockWith): Promise<unknown> {
  // The login is no part of the caller's act.
  const standing: Standing = { outcome: 'nothing' };
  try {
    const { unlocked } = await signIn({ ...call, standing }, key, unlockWith);
    unlocked.dispose();
    return null;
  } catch (error) {
    return error;
  }
}

/**
 * The error of a call by a device that may be revoked. It is `CREDENTIAL_REVOKED` if a login by the PIN says so. The
 * person sees no second prompt of a passkey.
 */
export async function orRevoked(
  call: Call,
  { key, unlockWith }: { key: LocalKey; unlockWith: UnlockWith },
  error: unknown,
): Promise<unknown> {
  if (typeof unlockWith !== 'string') return error;
  const refusal = await refusalOfLogin(call, key, unlockWith);
  return hasCode(refusal, 'CREDENTIAL_REVOKED') ? refusal : error;
}

/**
 * Change a key, while no other tab uses it. If the server refuses a proof of it, and has ended the key's session here
 * because of its credential, the error is `CREDENTIAL_REVOKED` for a revoked device.
 */
export function changingKey<T>(
  call: Call,
  { name, unlockWith }: { name: KeyName; unlockWith: UnlockWith },
  change: () => Promise<T>,
): Promise<T> {
  return withUserLock(name, call.signal, async () => {
    try {
      return await change();
    } catch (error) {
      if (!hasCode(error, 'PROOF_REJECTED')) throw error;
      const key = await findActiveKey(call, name);
      throw (await isSessionRevoked(call, key)) ? await orRevoked(call, { key, unlockWith }, error) : error;
    }
  });
}
