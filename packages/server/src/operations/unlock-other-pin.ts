import {
  type AnswerOf,
  formatUnlockPinResponse,
  type JsonOf,
  parseUnlockPinRequest,
  unlockPinAction,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { storeCall } from '../stores/store-call.js';
import { findLiveCredential } from './find-live-credential.js';
import { requirePinAssistance } from './require-pin-assistance.js';
import { takeConfirmedRequest } from './take-confirmed-request.js';

/**
 * Grant three more tries to the locked PIN of another live device of the person who asks, at most twice in 24 hours.
 *
 * @throws {@link ZkpAuthError} as {@link takeConfirmedRequest}, `PIN_ASSISTANCE_UNSUPPORTED`, `CREDENTIAL_NOT_FOUND`,
 * and `RATE_LIMITED` with `retryAfterMs`.
 */
export async function unlockOtherPin(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'unlockPin'>>>> {
  const asked = { body, action: unlockPinAction, parse: parseUnlockPinRequest };
  const { request, userId, by } = await takeConfirmedRequest(engine, asked, facts);
  const { store } = requirePinAssistance(engine);
  const { credentialId } = request;
  const owner = { userId, credentialId };
  const credential = credentialId === by.credentialId ? null : await findLiveCredential(engine, owner);
  if (credential === null) throw new ZkpAuthError('CREDENTIAL_NOT_FOUND');
  // The confirmation was good then, and its credential may have been revoked since.
  const acting = { userId, credentialId: by.credentialId };
  if ((await findLiveCredential(engine, acting)) === null) throw new ZkpAuthError('UNAUTHENTICATED');
  const atMs = engine.now();
  const outcome = await storeCall(store.unlock(owner, atMs));
  if (outcome.kind === 'unknown') throw new ZkpAuthError('CREDENTIAL_NOT_FOUND');
  if (outcome.kind === 'wait') {
    throw new ZkpAuthError('RATE_LIMITED', undefined, { retryAfterMs: outcome.retryAfterMs });
  }
  const unlocked = outcome.kind === 'unlocked';
  if (unlocked) {
    const { deviceName } = credential;
    engine.emit({ atMs, userId, credentialId, type: 'pin_unlocked', pins: 1, deviceName, by });
  }
  return { body: formatUnlockPinResponse({ unlocked }), headers: [] };
}
