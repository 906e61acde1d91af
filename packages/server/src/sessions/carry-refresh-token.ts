import type { Engine, RequestFacts } from '../engine.js';
import type { StoredSession } from '../stores/session-store.js';
import { setRefreshCookie } from './refresh-cookie.js';

/** Give a session's refresh token out: in a cookie, or as what is to be a member of the answer's body. */
export function carryRefreshToken(
  engine: Engine,
  given: { session: StoredSession; refreshToken: string; audience: string },
  facts: RequestFacts,
): { refreshToken?: string } {
  const { session, refreshToken, audience } = given;
  if (engine.sessionPolicy.carriage === 'bearer') return { refreshToken };
  setRefreshCookie(facts, audience, {
    value: refreshToken,
    maxAgeMs: session.expiresAtMs - engine.now(),
  });
  return {};
}
