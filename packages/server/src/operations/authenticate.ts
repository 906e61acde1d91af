import { ZkpAuthError } from '@zkp-auth/core';
import { checkedInteger } from '../checked-integer.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { isAhead } from '../is-ahead.js';
import { rejectDpop } from '../sessions/reject-dpop.js';
import { verifyDpop } from '../sessions/verify-dpop.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { verifyAccessToken, type VerifyAccessTokenOptions } from './verify-access-token.js';

export interface AuthenticateOptions extends VerifyAccessTokenOptions {
  /** Ask for a proof by the session's key, where it has one, also where the server does not for every request. */
  dpop?: 'if-bound' | undefined;
  /** How long ago the sign-in may be, in milliseconds; default any time. */
  maxAgeMs?: number | undefined;
}

/**
 * Who a request speaks for by its access token, and by its DPoP proof where one is needed (RFC 9449 section 7).
 *
 * @throws {@link ZkpAuthError} `UNAUTHENTICATED`, `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`,
 * `REAUTHENTICATION_REQUIRED`.
 */
export async function authenticate(
  engine: Engine,
  facts: RequestFacts,
  options: AuthenticateOptions,
): Promise<ZkpUser> {
  const user = await identify(engine, facts, options);
  if (user === null) throw new ZkpAuthError('UNAUTHENTICATED');
  const { maxAgeMs } = options;
  if (maxAgeMs !== undefined && !isRecent(user, engine.now(), checkedInteger('maxAgeMs', maxAgeMs, 0))) {
    throw new ZkpAuthError('REAUTHENTICATION_REQUIRED');
  }
  return user;
}

/** A sign-in that lies in the future was dated by a wrong clock, and nobody knows how long ago it was. */
function isRecent({ authTimeMs }: ZkpUser, nowMs: number, maxAgeMs: number): boolean {
  return nowMs - authTimeMs <= maxAgeMs && !isAhead(authTimeMs, nowMs);
}

/** The same, but `null` where there is no valid access token. */
export async function identify(
  engine: Engine,
  facts: RequestFacts,
  options: AuthenticateOptions,
): Promise<ZkpUser | null> {
  const { scheme, token } = readAuthorization(facts);
  const user = token === undefined ? null : await verifyAccessToken(engine, token, options);
  if (user === null || !isSchemeFor(engine, user, scheme)) return null;
  if (scheme === 'dpop' || (user.sessionKey !== null && options.dpop === 'if-bound')) {
    const request = { facts, subject: user, accessToken: token };
    const thumbprint = await verifyDpop(engine, request);
    if (thumbprint !== user.sessionKey) throw rejectDpop(engine, request, { reason: 'key' });
  }
  return user;
}

function readAuthorization({ authorization = '' }: RequestFacts): { scheme?: string; token?: string } {
  const [, scheme] = /^(Bearer|DPoP) /i.exec(authorization) ?? [];
  if (scheme === undefined) return {};
  return { scheme: scheme.toLowerCase(), token: authorization.slice(scheme.length + 1) };
}

/** A token that was issued for DPoP is worth nothing as a bearer's, and one without a key nothing for DPoP. */
function isSchemeFor(engine: Engine, { sessionKey }: ZkpUser, scheme: string | undefined): boolean {
  if (sessionKey === null) return scheme === 'bearer';
  return scheme === 'dpop' || engine.sessionPolicy.dpop !== 'requests';
}
