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
import type { Credential } from '../stores/credential-store.js';
import type { StoredSession } from '../stores/session-store.js';
import { maxSpentTokens, type SpentToken } from '../stores/spent-tokens.js';
import { storeCall } from '../stores/store-call.js';
import { endSession } from './end-session.js';
import { isLive } from './find-live-credential.js';
import { noteUse } from './note-use.js';
import { sessionGone } from './session-gone.js';

/** A revocation or a key rotation ends or moves the credential's sessions within this time. */
const revocationMs = 10_000;

/**
 * Exchange a refresh token for its successor and a new access token. Each token is spent once. The holder of the
 * session's key may repeat the last ones for a while, and gets the current one again. Any other genuine token is
 * refresh token reuse, and ends the session. A refusal leaves the cookie alone, because it may belong to a newer
 * session by then.
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
  const credential = await requireLiveCredential(engine, found);
  const { session, successor } = await spend(engine, found, token);
  await noteUse(engine, credential);
  const given = { session, refreshToken: successor.text, audience: request.audience };
  const response = await sessionResponse(engine, session);
  const answer = withRefreshToken(engine, response, given, facts);
  return { body: formatSessionResponse(answer.body), headers: answer.headers };
}

/** A browser knows which cookies it has sent, so the answer may say that there was none. */
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
  // If a clock was far ahead when the session began, the session would end too late by as much. A small difference
  // may be this clock's own fault.
  const aheadMs = session.createdAtMs - engine.now();
  if (engine.now() < session.expiresAtMs && aheadMs <= engine.sessionPolicy.idleTtlMs) return session;
  await endSession(engine, session, 'expired');
  throw new ZkpAuthError('SESSION_ENDED', undefined, { ended: 'expired' });
}

async function requireLiveCredential(engine: Engine, session: StoredSession): Promise<Credential> {
  const { userId, credentialId } = session;
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  if (credential !== null && isLive(credential, engine.now())) return credential;
  const now = await storeCall(engine.sessions.find(session.sessionId));
  if (now !== null && now.credentialId !== credentialId) return requireLiveCredential(engine, now);
  // The revocation is about to end this session, or a key rotation is about to move it to the new credential. The
  // client tries again until one of the two has happened.
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
  // A token without a key does not show which client sent it.
  if (outcome.kind === 'reused' || session.sessionKey === null) throw await theft(engine, session);
  const verdict = judgeRepeat(session, token.hash, { atMs, graceMs });
  if (verdict.kind === 'theft') throw await theft(engine, session);
  const follower = engine.refreshTokens.followerWithHash(token, session.refreshHash);
  // The token was made under a secret that has left the ring.
  if (follower === undefined) throw new ZkpAuthError('SESSION_ENDED');
  const { token: current, steps } = follower;
  // A browser that loses one answer after another gets the last token again. So a token is found within this many
  // steps.
  if (verdict.kind === 'skip' && steps < maxSpentTokens) {
    return skip(engine, found, { token, current, spentTokens: verdict.spentTokens });
  }
  if (verdict.spentTokens !== null) await note(engine, session, verdict.spentTokens);
  return { session, successor: current };
}

/** Record that a token was repeated. If the current token is spent meanwhile, the old count stays. */
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
  // Another request has skipped or spent it meanwhile. The session as it is now decides about this request.
  return spend(engine, outcome.session, token);
}

/** The expiry of a session that is used now, milliseconds since 1970. */
function expiryAt({ sessionPolicy }: Engine, atMs: number, { endsAtMs }: StoredSession): number {
  return Math.min(atMs + sessionPolicy.idleTtlMs, endsAtMs);
}

async function theft(engine: Engine, session: StoredSession): Promise<ZkpAuthError> {
  const { userId, credentialId, sessionId } = session;
  engine.emit({ atMs: engine.now(), userId, credentialId, type: 'refresh_reuse_detected', sessionId });
  await endSession(engine, session, 'reuse');
  return new ZkpAuthError('SESSION_ENDED');
}
