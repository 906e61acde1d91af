import { parseSessionRequest } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { presentedToken } from '../sessions/presented-token.js';
import { clearedRefreshCookie } from '../sessions/refresh-cookie.js';
import { storeCall } from '../stores/store-call.js';
import { endSession } from './end-session.js';

/**
 * End the session of a refresh token, spent or not. No proof by the session's key is needed, because ending is
 * safe. Nothing changes if the token belongs to another session than the named one, or was not made by this server.
 *
 * @throws {@link ZkpAuthError} `CROSS_SITE_REQUEST`, or a parsing code.
 */
export async function signOut(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<undefined>> {
  const request = parseSessionRequest(body);
  const token = presentedToken(engine, request, facts);
  if (token !== null) {
    // The cookie belongs to a newer session.
    if (token.sessionId !== request.sessionId) return nothing;
    const session = await storeCall(engine.sessions.find(token.sessionId));
    if (session !== null) await endSession(engine, session, 'signed_out');
  }
  if (engine.sessionPolicy.carriage === 'bearer') return nothing;
  return { body: undefined, headers: clearedRefreshCookie(request.audience) };
}
