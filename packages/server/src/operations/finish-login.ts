import { loginContext, parseVerifyRequest, type SessionResponse, ZkpAuthError } from '@zkp-auth/core';
import type { Engine, RequestFacts } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';

/**
 * Verify a login proof and issue a session (protocol section 4). Every refusal after parsing is one and the same
 * error, reached by the same work.
 *
 * @throws {@link ZkpAuthError} `LOGIN_REJECTED`, or a parsing code.
 */
export async function finishLogin(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<SessionResponse> {
  const request = parseVerifyRequest(body);
  const { userId, credentialId } = request;
  const verdict = await examineProof(engine, { purpose: 'login', request, context: loginContext(), facts });
  const event = { atMs: engine.now(), userId, credentialId };
  if (verdict.refusal !== null) {
    engine.emit({ ...event, type: 'login_rejected', reason: verdict.refusal });
    throw new ZkpAuthError('LOGIN_REJECTED');
  }
  await giveBackTry(engine, verdict.issued.pin, credentialId);
  const token = await engine.tokens.issue({ userId, credentialId });
  engine.emit({ ...event, type: 'login_succeeded' });
  return { userId, credentialId, ...token, ...suspicionOf(verdict.credential) };
}

/** What the owner should hear of: somebody used a copy of the key record that had been replaced. */
function suspicionOf({ cloneSuspectedAtMs }: Credential): Pick<SessionResponse, 'recordCloneSuspectedAtMs'> {
  return cloneSuspectedAtMs === null ? {} : { recordCloneSuspectedAtMs: cloneSuspectedAtMs };
}
