import { type AnswerOf, openKeyAction, parseOpenKeyRequest, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { examineConfirmation } from './examine-confirmation.js';

const noPayload = new Uint8Array(0);

/**
 * Take the confirmation that precedes a change of a credential's key. It needs no session and makes none. The try
 * of its PIN is given back.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, or a parsing code.
 */
export async function openKey(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<AnswerOf<'openKey'>>> {
  const request = parseOpenKeyRequest(body);
  const claimed = { request, action: openKeyAction, payload: noPayload, sessionKey: null };
  const reason = await examineConfirmation(engine, claimed, facts);
  const { userId, credentialId } = request;
  const event = { atMs: engine.now(), userId, credentialId };
  if (reason !== null) {
    engine.emit({ ...event, type: 'key_opening_rejected', reason });
    throw new ZkpAuthError('PROOF_REJECTED');
  }
  engine.emit({ ...event, type: 'key_opened' });
  return nothing;
}
