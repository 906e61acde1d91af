import {
  type AnswerOf,
  formatRevokeCredentialResponse,
  type JsonOf,
  parseRevokeCredentialRequest,
  revokeCredentialAction,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { ActingSession } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import type { Credential, Revocation } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { endCredentials, endLeftovers } from './end-credentials.js';
import { takeConfirmedRequest } from './take-confirmed-request.js';

/**
 * Revoke a credential of the person who asks, or the one that has replaced it meanwhile, for good. Its sessions end.
 * A request for a credential that is revoked already succeeds, so that a client can send it again after a lost answer,
 * and ends what a crash has left.
 *
 * @throws {@link ZkpAuthError} as {@link takeConfirmedRequest}, `CREDENTIAL_NOT_FOUND`, and `LAST_CREDENTIAL`.
 */
export async function revokeOwnCredential(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'revokeCredential'>>>> {
  const asked = { body, action: revokeCredentialAction, parse: parseRevokeCredentialRequest };
  const { request, userId, by } = await takeConfirmedRequest(engine, asked, facts);
  const { credentialId, evenTheLast } = request;
  const change = { userId, credentialId, by: by.credentialId, atMs: engine.now() };
  const outcome = await storeCall(engine.credentials.revokeBy({ ...change, evenTheLast }));
  switch (outcome.kind) {
    case 'unknown':
      throw new ZkpAuthError('CREDENTIAL_NOT_FOUND');
    case 'gone':
      // Its credential was revoked since it confirmed.
      throw new ZkpAuthError('UNAUTHENTICATED');
    case 'last': {
      const event = { atMs: change.atMs, userId, credentialId, by, reason: 'last' } as const;
      engine.emit({ ...event, type: 'credential_revocation_rejected' });
      throw new ZkpAuthError('LAST_CREDENTIAL');
    }
    case 'ended': {
      const listed = await storeCall(engine.credentials.list(userId));
      await endLeftovers(engine, { userId, credentialId }, listed);
      return answer({ credentialId, added: addedBy(listed, credentialId) });
    }
    case 'revoked':
      tellOfRevocation(engine, { userId, atMs: change.atMs, requested: credentialId, outcome, by });
      await endCredentials(engine, userId, outcome.ended);
      return answer(outcome);
  }
}

/** Emit the events of the credentials that one call has revoked. `by` is absent for an operator's call. */
export function tellOfRevocation(
  engine: Engine,
  told: {
    userId: string;
    atMs: number;
    requested: string;
    outcome: Revocation & { kind: 'revoked' };
    by?: ActingSession;
  },
): void {
  const { userId, atMs, requested, outcome, by } = told;
  for (const { credentialId, kind, deviceName } of outcome.ended) {
    const isOther = credentialId === outcome.credentialId && credentialId !== requested;
    engine.emit({
      atMs,
      userId,
      credentialId,
      type: 'credential_revoked',
      ...(isOther ? { requestedCredentialId: requested } : {}),
      kind,
      deviceName,
      ...(by === undefined ? {} : { by }),
    });
  }
}

/** The live and pending credentials that a revoked one had added. */
function addedBy(listed: readonly Credential[], credentialId: string): string[] {
  return listed
    .filter((other) => other.addedBy === credentialId && other.revokedAtMs === null)
    .map((other) => other.credentialId);
}

function answer({
  credentialId,
  added,
}: AnswerOf<'revokeCredential'>): Outcome<JsonOf<AnswerOf<'revokeCredential'>>> {
  return { body: formatRevokeCredentialResponse({ credentialId, added }), headers: [] };
}
