import type { ErrorOf } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { LocalKey } from '../storage/local-key.js';
import type { Call } from './call.js';

/**
 * Ask the server if the session of this browser stands. If it does not, all tabs learn why.
 *
 * @param error the error of a request in the session. It may be the end of the session.
 * @returns the end of the session, or `null` if this browser has a session.
 * @throws `NO_SESSION`, and the errors of the transport.
 */
export async function endOfSession(
  { session, signal }: Call,
  error?: unknown,
): Promise<ErrorOf<'SESSION_ENDED'> | null> {
  try {
    const { token } = await session.access(signal);
    await session.access(signal, token);
    return null;
  } catch (failure) {
    if (hasCode(failure, 'SESSION_ENDED')) return failure;
    if (hasCode(failure, 'NO_SESSION') && hasCode(error, 'SESSION_ENDED')) return error;
    throw failure;
  }
}

/** Whether the session of this key in this browser has ended because of its credential. It asks the server. */
export async function isSessionRevoked(call: Call, { userId, credentialId }: LocalKey): Promise<boolean> {
  try {
    const record = await call.session.record();
    if (record.userId !== userId || record.credentialId !== credentialId) return false;
    return (await endOfSession(call))?.ended === 'revoked';
  } catch {
    return false;
  }
}
