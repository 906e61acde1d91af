import {
  buildMessage,
  loginContext,
  parseVerifyRequest,
  type SessionResponse,
  verifyProofAsync,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { RefusalReason } from '../auth-event.js';
import type { Engine, RequestFacts } from '../engine.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { consumeChallenge } from './consume-challenge.js';
import { isAllowedOrigin } from './is-allowed-origin.js';

/**
 * Verify a login proof and issue a session (protocol section 4). Every refusal after parsing is one and the same
 * error, reached by the same work: a decoy's key stands in where there is no credential.
 *
 * @throws {@link ZkpAuthError} `LOGIN_REJECTED`, or a parsing code.
 */
export async function finishLogin(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<SessionResponse> {
  const request = parseVerifyRequest(body);
  const { userId, credentialId, challengeId, origin, audience, proof } = request;
  const { challenge, valid } = await consumeChallenge(engine, challengeId, {
    purpose: 'login',
    userId,
    credentialId,
  });
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  const message = buildMessage({
    purpose: 'login',
    origin,
    audience,
    userId,
    credentialId,
    challengeId,
    challenge,
    context: loginContext(),
  });
  const proven = await verifyProofAsync(credential?.publicKey ?? engine.decoys.publicKey, message, proof);

  const allowed = isAllowedOrigin(engine, request, facts);
  const refusal = refusalOf({ valid, allowed, credential, proven });
  const event = { atMs: engine.now(), userId, credentialId };
  if (refusal !== null) {
    engine.emit({ ...event, type: 'login_rejected', reason: refusal });
    throw new ZkpAuthError('LOGIN_REJECTED');
  }
  const token = await engine.tokens.issue({ userId, credentialId });
  engine.emit({ ...event, type: 'login_succeeded' });
  return { userId, credentialId, ...token };
}

/** Why a login is refused, for the server's own records; `null` where it is not. */
function refusalOf(login: {
  valid: boolean;
  allowed: boolean;
  credential: Credential | null;
  proven: boolean;
}): RefusalReason | null {
  if (!login.valid) return 'challenge';
  if (!login.allowed) return 'origin';
  if (login.credential === null) return 'credential';
  if (login.credential.revokedAtMs !== null) return 'revoked';
  return login.proven ? null : 'proof';
}
