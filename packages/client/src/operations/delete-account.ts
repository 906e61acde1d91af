import { deleteAccountRoute, ZkpAuthError } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { type Answered, type Asking, changeAccount } from '../ceremony/change-account.js';
import { forgetKey } from '../ceremony/forget-key.js';
import { endOfSession } from '../ceremony/look-at-session.js';
import { refusalOfLogin } from '../ceremony/tell-revoked.js';
import type { UnlockWith } from '../client-types.js';
import { hasCode } from '../has-code.js';

/** See `ZkpAuthClient.deleteAccount`. */
export async function deleteAccount(call: Call, userId: string, unlockWith: UnlockWith): Promise<void> {
  const session = await call.session.record();
  if (session.userId !== userId) throw new ZkpAuthError('NO_SESSION', 'Another user is signed in.');
  await changeAccount(call, deleteAccountRoute, {
    request: { userId },
    unlockWith,
    endsSession: () => true,
    findOut: (asking, error) => deletion(call, asking, error),
    afterwards: ({ name }) => forgetKey(call, name),
  });
}

/**
 * Whether the account is deleted, if its session is over. The server then knows nothing of the user, so it gives no reason
 * for the end of the session, and refuses a login. It refuses the login of a suspended user alike, and such a user keeps
 * the key. But there it says that the session has ended for the credential.
 */
async function deletion(
  call: Call,
  { key, unlockWith }: Asking,
  error: unknown,
): Promise<Answered<undefined> | null> {
  const end = await endOfSession(call, error);
  if (end === null) return null;
  const refusal = await refusalOfLogin(call, key, unlockWith);
  if (hasCode(refusal, 'CREDENTIAL_REVOKED')) {
    // The server knows the user, and takes nothing more from this device.
    call.standing.outcome = 'nothing';
    throw refusal;
  }
  const isUnknown = end.ended === undefined && end.cookie === undefined;
  return isUnknown && hasCode(refusal, 'LOGIN_REJECTED', 'PIN_LOCKED') ? { answer: undefined } : null;
}
