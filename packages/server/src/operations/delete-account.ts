import {
  type AnswerOf,
  deleteAccountAction,
  parseConfirmation,
  parseDeleteAccountRequest,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { clearedRefreshCookie } from '../sessions/refresh-cookie.js';
import { storeCall } from '../stores/store-call.js';
import { finishDeletion } from './erase-user.js';
import { reservedName } from './reserve-name.js';
import { takeConfirmedRequest } from './take-confirmed-request.js';

/**
 * Delete the account of the person who asks, for good. Once the deletion has begun, it succeeds. If a later step fails,
 * `onError` gets the fault, and `finishDeletions` goes on. The person could not ask again.
 *
 * @throws {@link ZkpAuthError} as {@link takeConfirmedRequest}, and `CONFIRMATION_REJECTED` for another user than the
 * session's.
 */
export async function deleteAccount(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<AnswerOf<'deleteAccount'>>> {
  const asked = { body, action: deleteAccountAction, parse: parseDeleteAccountRequest };
  const { request, userId, by } = await takeConfirmedRequest(engine, asked, facts);
  if (request.userId !== userId) throw new ZkpAuthError('CONFIRMATION_REJECTED');
  const reserved = reservedName(engine, userId, engine.reserveDeletedNames);
  const erasure = { userId, atMs: engine.now(), reserved, by: by.credentialId };
  const start = await storeCall(engine.credentials.beginErasure(erasure));
  // Its credential was revoked, or its user suspended or deleted, since it confirmed.
  if (start !== 'begun') throw new ZkpAuthError('UNAUTHENTICATED');
  await finishDeletion(engine, userId, by).catch(engine.reportError);
  if (engine.sessionPolicy.carriage === 'bearer' || facts.confirmation === undefined) return nothing;
  return { body: undefined, headers: clearedRefreshCookie(parseConfirmation(facts.confirmation).audience) };
}
