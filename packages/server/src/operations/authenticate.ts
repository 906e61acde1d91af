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
  /**
   * `'if-bound'` asks for a proof by the session's key if the session has one, also on a server that does not ask
   * for one with every request.
   */
  dpop?: 'if-bound' | undefined;
  /** The longest time since the sign-in, in milliseconds. Default any time. */
  maxAgeMs?: number | undefined;
}

/**
 * The user of a request, by its access token, and by its DPoP proof if one is needed (RFC 9449 section 7).
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

/** A wrong clock dated a sign-in that lies in the future, so its age is unknown. */
function isRecent({ authTimeMs }: ZkpUser, nowMs: number, maxAgeMs: number): boolean {
  return nowMs - authTimeMs <= maxAgeMs && !isAhead(authTimeMs, nowMs);
}

/** Like {@link authenticate}, but `null` if there is no valid access token. */
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

/**
 * A token that was issued for DPoP is not valid as a bearer token, and a token without a key is not valid for DPoP.
 */
function isSchemeFor(engine: Engine, { sessionKey }: ZkpUser, scheme: string | undefined): boolean {
  if (sessionKey === null) return scheme === 'bearer';
  return scheme === 'dpop' || engine.sessionPolicy.dpop !== 'requests';
}
