import {
  buildMessage,
  confirmContext,
  credentialIdLength,
  encodeBase64url,
  returnTryAction,
  type TryReturn,
  verifyProofAsync,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import type { PinStore } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { findLiveCredential } from './find-live-credential.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { challengeHashOf } from './pin-try.js';

const context = confirmContext({ action: returnTryAction, payload: new Uint8Array(0) });

/** Takes the place of the owner of an unknown pinId. */
const nobody = { userId: 'nobody', credentialId: encodeBase64url(new Uint8Array(credentialIdLength)) };

/**
 * Give tries of a pin back to an owner who proves that the key was open after them. The first proof for such a try,
 * or the answer to it, was lost. Each try is given back once, even if its return comes twice. A return authorises
 * nothing else.
 *
 * The work is bounded. A return of a try that is not outstanding is skipped unread, and the first return that is
 * refused for its origin or its proof ends the loop. So an attacker without the key causes one verification at
 * most, and needs the challenge of a try for that.
 */
export async function takeReturns(
  engine: Engine,
  store: PinStore,
  { pinHash, returns, facts }: { pinHash: string; returns: readonly TryReturn[]; facts: RequestFacts },
): Promise<void> {
  const pin = await storeCall(store.find(pinHash));
  // The credential is looked up in any case, so that the work does not tell a locked pinId from an unknown one.
  const { userId, credentialId } = pin ?? nobody;
  const credential = await findLiveCredential(engine, { userId, credentialId });
  if (pin === null || pin.retiredAtMs !== null || credential === null) return;
  const questionOf = new Map(
    pin.outstanding.flatMap(({ questionHash, challengeHashes }) =>
      challengeHashes.map((challengeHash) => [challengeHash, questionHash] as const),
    ),
  );
  let given = 0;
  for (const { challengeId, challenge, origin, audience, proof } of returns) {
    const questionHash = questionOf.get(challengeHashOf(challenge));
    if (questionHash === undefined) continue;
    if (!isAllowedOrigin(engine, { userId, credentialId, origin, audience }, facts)) break;
    const message = buildMessage({
      purpose: 'confirm',
      origin,
      audience,
      userId,
      credentialId,
      challengeId,
      challenge,
      context,
    });
    if (!(await verifyProofAsync(credential.publicKey, message, proof))) break;
    if (await storeCall(store.giveBackTry(pinHash, credentialId, questionHash))) given++;
  }
  if (given > 0)
    engine.emit({ atMs: engine.now(), userId, credentialId, type: 'pin_tries_returned', tries: given });
}
