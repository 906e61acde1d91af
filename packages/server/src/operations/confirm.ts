import { parseConfirmation, reservedActionPrefix, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import type { ZkpUser } from '../tokens/token-issuer.js';
import { examineConfirmation } from './examine-confirmation.js';

/** An action that a person has to confirm. */
export interface ConfirmRequest {
  /** From `authenticate`. */
  user: ZkpUser;
  action: string;
  /** The exact bytes that the server acts on. */
  payload: Uint8Array;
  /** The `ZKP-Confirmation` header, if there was one. */
  confirmation: string | undefined;
}

/**
 * Take a fresh proof for an action and its payload, by this user's credential. If the session is bound to a key,
 * the proof is for this session only. It is valid once, and makes no session.
 *
 * @throws `TypeError` for an action that begins with `zkp-auth:`.
 * @throws {@link ZkpAuthError} `CONFIRMATION_REQUIRED`, `CONFIRMATION_REJECTED`.
 */
export async function confirm(engine: Engine, asked: ConfirmRequest, facts: RequestFacts): Promise<void> {
  requireOwnAction(asked.action);
  await takeConfirmation(engine, asked, facts);
}

/** The same for any action, those of the protocol included. */
export async function takeConfirmation(
  engine: Engine,
  asked: ConfirmRequest,
  facts: RequestFacts,
): Promise<void> {
  const { user, action, payload, confirmation } = asked;
  if (confirmation === undefined) throw new ZkpAuthError('CONFIRMATION_REQUIRED');
  const request = parseConfirmation(confirmation);
  const { userId, credentialId, sessionKey } = user;
  const refusal = await examineConfirmation(engine, { request, action, payload, sessionKey }, facts);
  const isOwn = request.userId === userId && request.credentialId === credentialId;
  const event = { atMs: engine.now(), userId, credentialId, action };
  const reason = refusal ?? (isOwn ? null : 'session');
  if (reason !== null) {
    engine.emit({ ...event, type: 'confirmation_rejected', reason });
    throw new ZkpAuthError('CONFIRMATION_REJECTED');
  }
  engine.emit({ ...event, type: 'confirmed' });
}

/** The action, if an application may ask for it. @throws `TypeError` for an action of the SDK's own. */
export function requireOwnAction(action: string): string {
  if (!action.startsWith(reservedActionPrefix)) return action;
  throw new TypeError(`actions that begin with ${reservedActionPrefix} are the SDK's own`);
}
