import { confirmationHeader, reservedActionPrefix } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { proveAction } from '../ceremony/prove-action.js';
import type { Confirmation, UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-lock.js';
import { keepConfirmation } from '../sessions/confirmed-fetch.js';

/** See `ZkpAuthClient.confirm`. */
export async function confirm(
  call: Call,
  unlockWith: UnlockWith,
  { action, payload }: { action: string; payload: string | Uint8Array },
): Promise<Confirmation> {
  if (action.startsWith(reservedActionPrefix))
    throw new TypeError(`actions that begin with ${reservedActionPrefix} are the SDK's own`);
  const session = await call.session.record();
  return withUserLock(call.nameOf(session.userId), call.signal, async () => {
    const proven = await proveAction(call, session, { unlockWith, action, payload });
    keepConfirmation(call.confirmations, proven.confirmation, proven.challenge);
    return { headers: { [confirmationHeader]: proven.confirmation } };
  });
}
