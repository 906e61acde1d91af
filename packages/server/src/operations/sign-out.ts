import { parseSessionRequest } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { presentedToken } from '../sessions/presented-token.js';
import { clearedRefreshCookie } from '../sessions/refresh-cookie.js';
import { storeCall } from '../stores/store-call.js';
import { endSession } from './end-session.js';

/**
 * End the session that a refresh token is of, spent or not, without a proof by its key: ending is the safe direction.
 * A token of another session than the one named changes nothing, nor does one that this server did not make.
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
    // The cookie is that of a newer session.
    if (token.sessionId !== request.sessionId) return nothing;
    const session = await storeCall(engine.sessions.find(token.sessionId));
    if (session !== null) await endSession(engine, session, 'signed_out');
  }
  if (engine.sessionPolicy.carriage === 'bearer') return nothing;
  return { body: undefined, headers: clearedRefreshCookie(request.audience) };
}
