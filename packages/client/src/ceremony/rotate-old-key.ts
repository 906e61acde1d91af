import { errorStatus, isZkpAuthError } from '@zkp-auth/core';
import type { Call, Opened } from './call.js';
import { rotateKey } from './rotate-key.js';

/**
 * Replace a first-generation key that was opened. If the server refuses, the old key stays, and the next sign-in tries
 * again.
 *
 * @throws any other error, because it may hide a success. A change of the key does not continue with an old key that may
 * be replaced by now, because the server would refuse it.
 */
export async function rotateOldKey(call: Call, opened: Opened, { pin }: { pin: string }): Promise<Opened> {
  const { key, unlocked, pinId } = opened;
  try {
    const replaced = await rotateKey(call, key, { unlocked, pin, isAssisted: pinId !== null });
    unlocked.dispose();
    const { credentialId } = replaced.unlocked;
    return { ...replaced, key: { ...key, credentialId, mustRotate: false } };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    call.later(() => Promise.reject(error));
    return opened;
  }
}

/** Whether the server itself has refused. Any other error may hide a success. */
function isRefusal(error: unknown): boolean {
  const status = isZkpAuthError(error) ? errorStatus[error.code] : null;
  return status !== null && status < 500;
}
