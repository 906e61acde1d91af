import { sessionIdLength } from '../lengths.js';
import { isValidOrigin } from '../origin.js';
import { member, readBytesText, readMember, readObject } from './members.js';
import { readRefreshToken } from './proof-fields.js';

/** Body of `POST {base}/refresh` and of `POST {base}/sign-out`. */
export interface SessionRequest {
  /** The session that the client means, 32 bytes in base64url: the token may have become another's meanwhile. */
  sessionId: string;
  /** Origin of the API, as the client addresses it. */
  audience: string;
  /** Where it does not come in a cookie, 80 bytes in base64url. */
  refreshToken?: string;
}

/** Body of `POST {base}/sessions/end`: one session, all but the current one, or all. */
export type EndSessionsRequest = { sessionId: string } | { which: 'others' | 'all' };

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseSessionRequest(body: unknown): SessionRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    sessionId: readBytesText(object, 'sessionId', sessionIdLength, 'INVALID_SESSION_ID'),
    audience: readMember(object, 'audience', isValidOrigin, 'INVALID_AUDIENCE'),
    ...readRefreshToken(object),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_SESSION_ID`. */
export function parseEndSessionsRequest(body: unknown): EndSessionsRequest {
  const object = readObject(body, 'INVALID_BODY');
  if (member(object, 'which') !== undefined) {
    return { which: readMember(object, 'which', isWhich, 'INVALID_BODY') };
  }
  return { sessionId: readBytesText(object, 'sessionId', sessionIdLength, 'INVALID_SESSION_ID') };
}

function isWhich(value: unknown): value is 'others' | 'all' {
  return value === 'others' || value === 'all';
}
