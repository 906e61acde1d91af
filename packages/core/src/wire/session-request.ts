import { credentialIdLength } from '../credential-id.js';
import { sessionIdLength } from '../lengths.js';
import { isValidOrigin } from '../origin.js';
import { isValidUserId } from '../user-id.js';
import { type JsonObject, type JsonOf, member, readBytesText, readMember, readObject } from './members.js';
import { readRefreshToken } from './proof-fields.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/refresh` and of `POST {base}/sign-out`. */
export interface SessionRequest {
  /**
   * The session that the client means, 32 bytes in base64url. A cookie may hold the token of another session
   * meanwhile.
   */
  sessionId: string;
  /** Origin of the API, as the client addresses it. */
  audience: string;
  /** 80 bytes in base64url, if it does not come in a cookie. */
  refreshToken?: string | undefined;
  /**
   * The user of the session, as the client remembers it. With user and credential, the server can tell that a session
   * which it has forgotten ended by a revocation.
   */
  userId?: string | undefined;
  /** 16 bytes in base64url. */
  credentialId?: string | undefined;
}

export function formatSessionRequest({
  sessionId,
  audience,
  refreshToken,
  userId,
  credentialId,
}: SessionRequest): JsonOf<SessionRequest> {
  return { sessionId, audience, refreshToken, userId, credentialId };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseSessionRequest(body: unknown): SessionRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    sessionId: readBytesText(object, 'sessionId', sessionIdLength, 'INVALID_SESSION_ID'),
    audience: readMember(object, 'audience', isValidOrigin, 'INVALID_AUDIENCE'),
    ...readRefreshToken(object),
    ...readCredential(object),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_USER_ID`, `INVALID_CREDENTIAL_ID`. */
function readCredential(object: JsonObject): Pick<SessionRequest, 'userId' | 'credentialId'> {
  const named: Pick<SessionRequest, 'userId' | 'credentialId'> = {};
  if (member(object, 'userId') !== undefined) {
    named.userId = readMember(object, 'userId', isValidUserId, 'INVALID_USER_ID');
  }
  if (member(object, 'credentialId') !== undefined) {
    named.credentialId = readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID');
  }
  return named;
}

/** End the session of a refresh token. */
export const signOutRoute: Route<SessionRequest, undefined> = {
  path: '/sign-out',
  method: 'POST',
  status: 204,
  format: formatSessionRequest,
  parse: noBody,
};
