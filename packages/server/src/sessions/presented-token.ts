import { type SessionRequest, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { refuseCrossSite } from './refuse-cross-site.js';
import { readRefreshCookie } from './refresh-cookie.js';
import type { PresentedToken } from './refresh-tokens.js';

/**
 * The refresh token of a request, in its cookie or in its body as the server is set up. `null` if the request has
 * none that this server made.
 *
 * @throws {@link ZkpAuthError} `INVALID_AUDIENCE`, `CROSS_SITE_REQUEST`, or `INVALID_REFRESH_TOKEN` if a body lacks
 * it.
 */
export function presentedToken(
  engine: Engine,
  request: SessionRequest,
  facts: RequestFacts,
): PresentedToken | null {
  const { audience, refreshToken } = request;
  if (!engine.audiences.has(audience)) throw new ZkpAuthError('INVALID_AUDIENCE');
  if (engine.sessionPolicy.carriage === 'bearer') {
    if (refreshToken === undefined) throw new ZkpAuthError('INVALID_REFRESH_TOKEN');
    return engine.refreshTokens.read(refreshToken);
  }
  // A browser sends the cookie for every page that asks, so the request must come from one of our pages.
  if (facts.origin === undefined) throw refuseWithoutOrigin(engine, request, facts);
  refuseCrossSite(engine, facts);
  return cookieToken(engine, audience, facts);
}

/** Outside of browsers it is most likely a client without cookies. The sentence helps its developer. */
function refuseWithoutOrigin(engine: Engine, request: SessionRequest, facts: RequestFacts): ZkpAuthError {
  engine.warnOfSetUp({ reason: 'no_origin' });
  return new ZkpAuthError(
    'CROSS_SITE_REQUEST',
    isCookieMissing(engine, request, facts)
      ? 'The request has neither an Origin header nor the cookie of the session. A client outside of browsers has to send both, or the server has to keep sessions in bodies (carriage: "bearer").'
      : 'The request has no Origin header.',
  );
}

/** Whether this server keeps sessions in cookies, and the request has no such cookie, valid or not. */
export function isCookieMissing(
  { sessionPolicy, now }: Engine,
  { audience }: Pick<SessionRequest, 'audience'>,
  facts: RequestFacts,
): boolean {
  if (sessionPolicy.carriage !== 'cookie') return false;
  return readRefreshCookie(facts, { audience, nowMs: now() }) === undefined;
}

/** The refresh token that a new session replaces. */
export function replacedToken(
  engine: Engine,
  request: { audience: string; refreshToken: string | undefined },
  facts: RequestFacts,
): PresentedToken | null {
  const { audience, refreshToken } = request;
  if (engine.sessionPolicy.carriage === 'cookie') return cookieToken(engine, audience, facts);
  return refreshToken === undefined ? null : engine.refreshTokens.read(refreshToken);
}

function cookieToken(engine: Engine, audience: string, facts: RequestFacts): PresentedToken | null {
  const text = readRefreshCookie(facts, { audience, nowMs: engine.now() });
  return text === undefined ? null : engine.refreshTokens.read(text);
}
