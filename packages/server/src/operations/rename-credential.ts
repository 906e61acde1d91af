import {
  type AnswerOf,
  parseRenameCredentialRequest,
  renameCredentialAction,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { storeCall } from '../stores/store-call.js';
import { takeConfirmedRequest } from './take-confirmed-request.js';

/**
 * Name a credential of the person who asks, or the one that has replaced it meanwhile.
 *
 * @throws {@link ZkpAuthError} as {@link takeConfirmedRequest}, and `CREDENTIAL_NOT_FOUND`.
 */
export async function renameCredential(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<AnswerOf<'renameCredential'>>> {
  const asked = { body, action: renameCredentialAction, parse: parseRenameCredentialRequest };
  const { request, userId, by } = await takeConfirmedRequest(engine, asked, facts);
  const atMs = engine.now();
  const { credentialId, name: deviceName } = request;
  const change = { userId, credentialId, by: by.credentialId, atMs };
  const outcome = await storeCall(engine.credentials.rename(change, deviceName));
  if (outcome.kind !== 'renamed') {
    // Its own credential may have been revoked since it confirmed.
    throw new ZkpAuthError(outcome.kind === 'gone' ? 'UNAUTHENTICATED' : 'CREDENTIAL_NOT_FOUND');
  }
  const { credentialId: renamedId, formerName } = outcome;
  const event = { atMs, userId, credentialId: renamedId, deviceName, formerName, by };
  engine.emit({ ...event, type: 'credential_renamed' });
  return nothing;
}
