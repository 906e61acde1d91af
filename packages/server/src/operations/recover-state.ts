import { type JsonOf, linkDeviceContext, parseOpenKeyRequest, ZkpAuthError } from '@zkp-auth/core';
import { formatRecoverStateResponse, type RecoverStateResponse } from '@zkp-auth/core/recovery';
import type { RefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { isPending } from '../stores/credential-policy.js';
import type { Credential } from '../stores/credential-store.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';

/**
 * Tell a device how far its recovery is, on a proof by its own key (protocol section 11.4). It authorises nothing, and
 * the try of its challenge is given back.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, or a parsing code.
 */
export async function recoverState(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<ServedAnswerOf<'recoverState'>>>> {
  const request = parseOpenKeyRequest(body);
  const { userId, credentialId } = request;
  const verdict = await examineProof(engine, {
    purpose: 'link-device',
    request,
    context: (publicKey) => linkDeviceContext({ flow: 'recover-state', newPublicKey: publicKey }),
    facts,
    refusalOf,
  });
  if (verdict.refusal !== null) {
    const event = { atMs: engine.now(), userId, credentialId, type: 'recovery_rejected' } as const;
    engine.emit({ ...event, reason: verdict.refusal });
    throw new ZkpAuthError('PROOF_REJECTED');
  }
  await giveBackTry(engine, verdict.issued, credentialId);
  return { body: formatRecoverStateResponse(stateOf(verdict.credential, engine.now())), headers: [] };
}

function stateOf(credential: Credential, nowMs: number): RecoverStateResponse {
  const { revokedAtMs, pendingUntilMs } = credential;
  if (revokedAtMs !== null) return { state: 'ended' };
  if (pendingUntilMs === null || !isPending(credential, nowMs)) return { state: 'live' };
  return { state: 'pending', pendingForMs: pendingUntilMs - nowMs };
}

/**
 * A pending or revoked device may ask too. A replaced one is an old copy, and nobody of a suspended user learns
 * anything.
 */
function refusalOf({ kind, replacedBy, suspendedAtMs }: Credential): RefusalReason | null {
  if (kind === 'recovery') return 'recovery';
  if (replacedBy !== null) return 'revoked';
  return suspendedAtMs === null ? null : 'suspended';
}
