import { sessionIdLength } from '../lengths.js';
import { type JsonOf, member, readBytesText, readMember, readObject } from './members.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/sessions/end`. It names one session, all but the current one, or all. */
export type EndSessionsRequest = { sessionId: string } | { which: 'others' | 'all' };

export function formatEndSessionsRequest(request: EndSessionsRequest): JsonOf<EndSessionsRequest> {
  return 'which' in request ? { which: request.which } : { sessionId: request.sessionId };
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

/** End sessions of the person who asks. The request names one session, all others, or all. */
export const endSessionsRoute: Route<EndSessionsRequest, undefined> = {
  path: '/sessions/end',
  method: 'POST',
  status: 204,
  format: formatEndSessionsRequest,
  parse: noBody,
};
