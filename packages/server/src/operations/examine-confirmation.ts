import { type Confirmation, confirmContext, decodeBase64url, sessionKeyLength } from '@zkp-auth/core';
import type { RefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';

/** A proof over an action and a payload, before it is verified. */
export interface ClaimedConfirmation {
  request: Confirmation;
  action: string;
  /** The exact bytes that the server acts on. */
  payload: Uint8Array;
  /** Thumbprint of the session's key in base64url, or `null` for a proof without a session key. */
  sessionKey: string | null;
}

/**
 * Verify a confirmation, spend its challenge and give its try back.
 *
 * @returns the reason of a refusal, or `null` if the confirmation is valid.
 */
export async function examineConfirmation(
  engine: Engine,
  claimed: ClaimedConfirmation,
  facts: RequestFacts,
): Promise<RefusalReason | null> {
  const { request, action, payload } = claimed;
  const sessionKey = decodeBase64url(claimed.sessionKey, sessionKeyLength);
  const context = confirmContext({ action, payload, ...(sessionKey === null ? {} : { sessionKey }) });
  const verdict = await examineProof(engine, { purpose: 'confirm', request, context, facts });
  if (verdict.refusal === null) await giveBackTry(engine, verdict.issued, request.credentialId);
  return verdict.refusal;
}
