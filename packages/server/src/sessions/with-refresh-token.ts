import type { SessionResponse } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import type { StoredSession } from '../stores/session-store.js';
import { refreshCookie } from './refresh-cookie.js';

/** Send a session's refresh token with an answer, in a cookie or as a member of the body. */
export function withRefreshToken(
  engine: Engine,
  response: SessionResponse,
  { session, refreshToken, audience }: { session: StoredSession; refreshToken: string; audience: string },
  facts: RequestFacts,
): Outcome<SessionResponse> {
  if (engine.sessionPolicy.carriage === 'bearer') return { body: { ...response, refreshToken }, headers: [] };
  const maxAgeMs = session.expiresAtMs - engine.now();
  return { body: response, headers: refreshCookie(facts, audience, { value: refreshToken, maxAgeMs }) };
}
