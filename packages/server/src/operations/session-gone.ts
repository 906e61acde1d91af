import { type SessionRequest, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { sessionTag, tagOfSessionId } from '../sessions/session-id.js';
import { storeCall } from '../stores/store-call.js';
import { isLive } from './find-live-credential.js';

/**
 * The refusal of a genuine refresh token whose session is not there any more. If the request names the session's user and
 * credential, it says whether that credential is revoked or its user suspended: nothing else remembers why a session has
 * ended.
 */
export async function sessionGone(
  engine: Engine,
  { sessionId, userId, credentialId }: Pick<SessionRequest, 'sessionId' | 'userId' | 'credentialId'>,
): Promise<ZkpAuthError> {
  // Another user's credentials are none of the bearer's business.
  const isOfUser = userId !== undefined && sessionTag(userId) === tagOfSessionId(sessionId);
  if (!isOfUser || credentialId === undefined) return new ZkpAuthError('SESSION_ENDED');
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  const ended = credential === null || isLive(credential, engine.now()) ? undefined : 'revoked';
  return new ZkpAuthError('SESSION_ENDED', undefined, { ended });
}
