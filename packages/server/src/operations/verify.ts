import {
  type AnswerOf,
  formatSessionResponse,
  type JsonOf,
  loginContext,
  parseVerifyRequest,
  type SessionResponse,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { RefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { isNewPinDue } from '../stores/try-policy.js';
import { provenSessionKey } from '../sessions/proven-session-key.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';
import { startSession } from './start-session.js';

/**
 * Verify a login proof and issue a session (protocol section 4), bound to the key that the proof names. The session
 * key is proven first. Every later refusal is the same error, reached by the same work. Only a device that was revoked
 * for good, and proves itself by its own key, is told so.
 *
 * @throws {@link ZkpAuthError} `LOGIN_REJECTED`, `CREDENTIAL_REVOKED`, `LOGIN_DENIED`, `SESSION_KEY_REQUIRED`,
 * `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`, or a parsing code.
 */
export async function verify(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'verify'>>>> {
  const request = parseVerifyRequest(body);
  const { userId, credentialId, audience, refreshToken, device } = request;
  const sessionKey = await provenSessionKey(engine, request.sessionKey, { facts, subject: request });
  const verdict = await examineProof(engine, {
    purpose: 'login',
    request,
    context: loginContext(request),
    facts,
  });
  const event = { atMs: engine.now(), userId, credentialId };
  const reject = (
    reason: RefusalReason | 'denied',
    code: 'LOGIN_REJECTED' | 'CREDENTIAL_REVOKED' | 'LOGIN_DENIED' = 'LOGIN_REJECTED',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'login_rejected', reason });
    return new ZkpAuthError(code);
  };

  if (verdict.refusal !== null) {
    const isToldOfRevocation = (await verdict.revoked?.spend()) === true;
    throw reject(verdict.refusal, isToldOfRevocation ? 'CREDENTIAL_REVOKED' : 'LOGIN_REJECTED');
  }
  const { credential, issued } = verdict;
  const pin = await giveBackTry(engine, issued, credentialId);
  const { authorizeLogin } = engine;
  if (authorizeLogin !== undefined) {
    const allowed: unknown = await authorizeLogin({ userId, credentialId, facts });
    if (allowed !== true) throw reject('denied', 'LOGIN_DENIED');
  }
  const deviceName = device?.name ?? credential.deviceName;
  const { atMs } = event;
  const start = { userId, credentialId, deviceName, sessionKey, audience, refreshToken, atMs };
  const session = await startSession(engine, start, facts);
  if (session === null) throw reject('revoked');
  engine.emit({ ...event, type: 'login_succeeded' });
  const response: SessionResponse = {
    ...session.body,
    recordCloneSuspectedAtMs: credential.cloneSuspectedAtMs ?? undefined,
    newPinDue: pin !== null && isNewPinDue(pin) ? true : undefined,
  };
  return { body: formatSessionResponse(response), headers: session.headers };
}
