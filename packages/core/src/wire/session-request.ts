import { sessionIdLength } from '../lengths.js';
import { isValidOrigin } from '../origin.js';
import { type JsonOf, readBytesText, readMember, readObject } from './members.js';
import { readRefreshToken } from './proof-fields.js';
import { noBody, type Route } from './route.js';
import { parseSessionResponse, type SessionResponse } from './session.js';

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
}

export function formatSessionRequest({
  sessionId,
  audience,
  refreshToken,
}: SessionRequest): JsonOf<SessionRequest> {
  return { sessionId, audience, refreshToken };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseSessionRequest(body: unknown): SessionRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    sessionId: readBytesText(object, 'sessionId', sessionIdLength, 'INVALID_SESSION_ID'),
    audience: readMember(object, 'audience', isValidOrigin, 'INVALID_AUDIENCE'),
    ...readRefreshToken(object),
  };
}

/** Exchange a refresh token for its successor and a new access token. */
export const refreshRoute: Route<SessionRequest, SessionResponse> = {
  path: '/refresh',
  method: 'POST',
  status: 200,
  format: formatSessionRequest,
  parse: parseSessionResponse,
};

/** End the session of a refresh token. */
export const signOutRoute: Route<SessionRequest, undefined> = {
  path: '/sign-out',
  method: 'POST',
  status: 204,
  format: formatSessionRequest,
  parse: noBody,
};
