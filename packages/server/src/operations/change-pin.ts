import { changePinContext, parseChangePinRequest, ZkpAuthError } from '@zkp-auth/core';
import type { EnrolmentRefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import { nothing, type Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { takeLimit } from '../limits/take-limit.js';
import { pinHashOf } from '../pin/pin-hash.js';
import { maxLivePins } from '../stores/pin-limits.js';
import { storeCall } from '../stores/store-call.js';
import { drawnPin, newPinOf } from './drawn-pin.js';
import { endPins } from './end-pins.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';
import { requirePinAssistance } from './require-pin-assistance.js';

/**
 * Enrol the pinId that a challenge drew. If the request names an old pinId, retire that one (protocol section 5).
 * Every refusal after parsing is the same error, reached by the same work.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `PIN_LIMIT_REACHED`, `PIN_ASSISTANCE_UNSUPPORTED`, or a parsing
 * code.
 */
export async function changePin(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<undefined>> {
  const { store } = requirePinAssistance(engine);
  const request = parseChangePinRequest(body);
  const { userId, credentialId, oldPinId, newPinId, newPin: isNewPin } = request;
  const verdict = await examineProof(engine, {
    purpose: 'change-pin',
    request,
    context: changePinContext(request),
    pinId: newPinId,
    facts,
  });
  const event = { atMs: engine.now(), userId, credentialId };
  const reject = (reason: EnrolmentRefusalReason): ZkpAuthError => {
    engine.emit({ ...event, type: 'pin_change_rejected', reason });
    return new ZkpAuthError('PROOF_REJECTED');
  };

  if (verdict.refusal !== null) throw reject(verdict.refusal);
  await giveBackTry(engine, verdict.issued, credentialId);
  const drawn = drawnPin(verdict.issued.pin, newPinId);
  if (drawn === null) throw reject('pin');
  await takeLimit(engine, 'pinChangesByCredential', { userId, credentialId, facts });
  const replaced = oldPinId === undefined ? undefined : pinHashOf(oldPinId);
  const pin = newPinOf(drawn, request, event.atMs);
  const outcome = await storeCall(store.enrol(pin, { limit: maxLivePins, replaced, isNewPin }));
  if (outcome === 'full') throw new ZkpAuthError('PIN_LIMIT_REACHED');
  if (outcome === 'gone') throw reject('revoked');
  await endIfGone(engine, { userId, credentialId });
  engine.emit({ ...event, type: 'pin_changed' });
  return nothing;
}

/**
 * If the credential was revoked or replaced meanwhile, that may have come before this pin existed. A store without
 * credentials could not notice.
 */
async function endIfGone(
  engine: Engine,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<void> {
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  if (credential === null || credential.revokedAtMs === null) return;
  await endPins(engine, credential, engine.now());
}
