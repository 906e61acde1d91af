import type { Route } from './route.js';
import { parseSessionResponse, type SessionResponse } from './session.js';
import { formatSessionRequest, type SessionRequest } from './session-request.js';

/** Exchange a refresh token for its successor and a new access token. */
export const refreshRoute: Route<SessionRequest, SessionResponse> = {
  path: '/refresh',
  method: 'POST',
  status: 200,
  format: formatSessionRequest,
  parse: parseSessionResponse,
};
