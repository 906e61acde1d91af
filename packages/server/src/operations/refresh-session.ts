import {
  type AnswerOf,
  formatSessionResponse,
  type JsonOf,
  parseSessionRequest,
  type SessionRequest,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { withRefreshToken } from '../sessions/with-refresh-token.js';
import { afterSpending, judgeRepeat } from '../sessions/judge-repeat.js';
import { isCookieMissing, presentedToken } from '../sessions/presented-token.js';
import type { PresentedToken, RefreshToken } from '../sessions/refresh-tokens.js';
import { sessionResponse } from '../sessions/session-response.js';
import { verifyDpop } from '../sessions/verify-dpop.js';
import type { StoredSession } from '../stores/session-store.js';
import { maxSpentTokens, type SpentToken } from '../stores/spent-tokens.js';
import { storeCall } from '../stores/store-call.js';
import { endSession } from './end-session.js';
import { isLive } from './find-live-credential.js';
import { sessionGone } from './session-gone.js';

/** How long a revocation or a key rotation may take to deal with the credential's sessions. */
const revocationMs = 10_000;

/**
 * Exchange a refresh token for its successor and a new access token. Each is spent once; the holder of the session's
 * key may repeat the last ones for a while, and is given the current one again. Anything else that is genuine is
 * theft, and ends the session. A refusal leaves the cookie alone, which may be a newer session's by then.
 *
 * @throws {@link ZkpAuthError} `SESSION_ENDED`, `SESSION_MISMATCH`, `CROSS_SITE_REQUEST`, `INVALID_DPOP_PROOF`,
 * `DPOP_NONCE_REQUIRED`, `STORE_UNAVAILABLE` while the credential is being revoked or replaced, or a parsing code.
 */
export async function refreshSession(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'refresh'>>>> {
  const request = parseSessionRequest(body);
  const token = presentedToken(engine, request, facts);
  if (token === null) throw endedWithoutToken(engine, request, facts);
  if (token.sessionId !== request.sessionId) throw new ZkpAuthError('SESSION_MISMATCH');

  const found = await findUnexpired(engine, request);
  const { sessionKey } = found;
  if (sessionKey !== null && (await verifyDpop(engine, { facts, subject: found })) !== sessionKey) {
    throw await theft(engine, found);
  }
  await requireLiveCredential(engine, found);
  const { session, successor } = await spend(engine, found, token);
  const given = { session, refreshToken: successor.text, audience: request.audience };
  const response = await sessionResponse(engine, session);
  const answer = withRefreshToken(engine, response, given, facts);
  return { body: formatSessionResponse(answer.body), headers: answer.headers };
}

/** A browser knows which cookies it has sent: to say that there was none gives nothing away. */
function endedWithoutToken(engine: Engine, request: SessionRequest, facts: RequestFacts): ZkpAuthError {
  if (!isCookieMissing(engine, request, facts)) return new ZkpAuthError('SESSION_ENDED');
  return new ZkpAuthError(
    'SESSION_ENDED',
    "The cookie of the session did not come with the request. The browser may have removed it, or block it because page and API are on two sites. On another origin the page has to pass credentials: 'include', and CORS has to allow credentials.",
    { cookie: 'missing' },
  );
}

async function findUnexpired(engine: Engine, request: SessionRequest): Promise<StoredSession> {
  const session = await storeCall(engine.sessions.find(request.sessionId));
  if (session === null) throw await sessionGone(engine, request);
  // One that began while a clock was far ahead would end as much too late. A little ahead is this clock's own fault.
  const aheadMs = session.createdAtMs - engine.now();
  if (engine.now() < session.expiresAtMs && aheadMs <= engine.sessionPolicy.idleTtlMs) return session;
  await endSession(engine, session, 'expired');
  throw new ZkpAuthError('SESSION_ENDED', undefined, { ended: 'expired' });
}

async function requireLiveCredential(engine: Engine, session: StoredSession): Promise<void> {
  const { userId, credentialId } = session;
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  if (credential !== null && isLive(credential)) return;
  const now = await storeCall(engine.sessions.find(session.sessionId));
  if (now !== null && now.credentialId !== credentialId) return requireLiveCredential(engine, now);
  // Who revoked it ends its sessions next, unless a key rotation moves this one: nothing is decided before that.
  if (credential !== null && Math.abs(engine.now() - (credential.revokedAtMs ?? 0)) < revocationMs) {
    throw new ZkpAuthError('STORE_UNAVAILABLE', 'The credential is just being revoked or replaced.');
  }
  const isSuspended = credential?.revokedAtMs === null;
  await endSession(engine, session, isSuspended ? 'user_suspended' : 'credential_revoked');
  throw new ZkpAuthError('SESSION_ENDED', undefined, { ended: 'revoked' });
}

async function spend(
  engine: Engine,
  found: StoredSession,
  token: PresentedToken,
): Promise<{ session: StoredSession; successor: RefreshToken }> {
  const { sessionId } = found;
  const atMs = engine.now();
  const { graceMs } = engine.sessionPolicy;
  const next = engine.refreshTokens.successorOf(token);
  const outcome = await storeCall(
    engine.sessions.spend(sessionId, {
      presentedHash: token.hash,
      nextHash: next.hash,
      atMs,
      expiresAtMs: expiryAt(engine, atMs, found),
      spentTokens:
        found.refreshHash === token.hash ? afterSpending(found, token.hash, { atMs, graceMs }) : undefined,
    }),
  );
  if (outcome.kind === 'gone') throw await sessionGone(engine, found);
  const { session } = outcome;
  if (outcome.kind === 'spent') return { session, successor: next };
  // Nobody can tell whose a token without a key is.
  if (outcome.kind === 'reused' || session.sessionKey === null) throw await theft(engine, session);
  const verdict = judgeRepeat(session, token.hash, { atMs, graceMs });
  if (verdict.kind === 'theft') throw await theft(engine, session);
  const follower = engine.refreshTokens.followerWithHash(token, session.refreshHash);
  // It was made under a secret that has left the ring.
  if (follower === undefined) throw new ZkpAuthError('SESSION_ENDED');
  const { token: current, steps } = follower;
  // A browser that loses one answer after another gets the last one again: a token is found within so many steps.
  if (verdict.kind === 'skip' && steps < maxSpentTokens) {
    return skip(engine, found, { token, current, spentTokens: verdict.spentTokens });
  }
  if (verdict.spentTokens !== null) await note(engine, session, verdict.spentTokens);
  return { session, successor: current };
}

/** Keep that a token was repeated. Whoever spends the current token meanwhile has the count of before. */
async function note(
  engine: Engine,
  session: StoredSession,
  spentTokens: readonly SpentToken[],
): Promise<void> {
  const { sessionId, refreshHash, lastUsedAtMs, expiresAtMs } = session;
  const same = { presentedHash: refreshHash, nextHash: refreshHash, atMs: lastUsedAtMs, expiresAtMs };
  await storeCall(engine.sessions.spend(sessionId, { ...same, spentTokens }));
}

/** Give the successor of a current token that was never presented. */
async function skip(
  engine: Engine,
  found: StoredSession,
  {
    token,
    current,
    spentTokens,
  }: { token: PresentedToken; current: RefreshToken; spentTokens: readonly SpentToken[] },
): Promise<{ session: StoredSession; successor: RefreshToken }> {
  const unseen = engine.refreshTokens.read(current.text);
  if (unseen === null) throw new ZkpAuthError('SESSION_ENDED');
  const successor = engine.refreshTokens.successorOf(unseen);
  const atMs = engine.now();
  const outcome = await storeCall(
    engine.sessions.spend(found.sessionId, {
      presentedHash: current.hash,
      nextHash: successor.hash,
      atMs,
      expiresAtMs: expiryAt(engine, atMs, found),
      spentTokens,
    }),
  );
  if (outcome.kind === 'spent') return { session: outcome.session, successor };
  if (outcome.kind === 'gone') throw await sessionGone(engine, found);
  // Another request has skipped or spent it meanwhile: this one is judged by what stands there now.
  return spend(engine, outcome.session, token);
}

/** When a session that is used now expires, milliseconds since 1970. */
function expiryAt({ sessionPolicy }: Engine, atMs: number, { endsAtMs }: StoredSession): number {
  return Math.min(atMs + sessionPolicy.idleTtlMs, endsAtMs);
}

async function theft(engine: Engine, session: StoredSession): Promise<ZkpAuthError> {
  const { userId, credentialId, sessionId } = session;
  engine.emit({ atMs: engine.now(), userId, credentialId, type: 'refresh_reuse_detected', sessionId });
  await endSession(engine, session, 'reuse');
  return new ZkpAuthError('SESSION_ENDED');
}
