import {
  buildMessage,
  credentialIdOf,
  newKeyContext,
  parseRotateKeyRequest,
  type RotateKeyRequest,
  type SessionResponse,
  verifyProofAsync,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { AuthEvent } from '../auth-event.js';
import type { Engine, RequestFacts } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { drawnPin } from './drawn-pin.js';
import { enrolPin, withdrawPin } from './enrol-pin.js';
import { examineProof } from './examine-proof.js';
import { giveBackTry } from './give-back-try.js';
import { requirePinAssistance } from './require-pin-assistance.js';

type RotationRefusal = Extract<AuthEvent, { type: 'key_rotation_rejected' }>['reason'];

/**
 * Put a new key in the place of a credential's old one, on a proof by each over the same challenge and context, and
 * issue a session for it. The old credential is revoked with all its pins.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `USER_ID_TAKEN` where the new key is registered already,
 * `PIN_ASSISTANCE_UNSUPPORTED`, or a parsing code.
 */
export async function finishKeyRotation(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<SessionResponse> {
  const request = parseRotateKeyRequest(body);
  const { userId, credentialId, newPublicKey, pinId } = request;
  if (pinId !== undefined) requirePinAssistance(engine);
  const context = newKeyContext({ newPublicKey, ...(pinId === undefined ? {} : { newPinId: pinId }) });
  const verdict = await examineProof(engine, { purpose: 'rotate-key', request, context, facts });
  const event = { atMs: engine.now(), userId, credentialId };
  const reject = (
    reason: RotationRefusal,
    code: 'PROOF_REJECTED' | 'USER_ID_TAKEN' = 'PROOF_REJECTED',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'key_rotation_rejected', reason });
    return new ZkpAuthError(code);
  };

  if (verdict.refusal !== null) throw reject(verdict.refusal);
  const { credential, issued } = verdict;
  await giveBackTry(engine, issued.pin, credentialId);
  const drawn = pinId === undefined ? undefined : drawnPin(issued.pin, pinId);
  if (drawn === null) throw reject('pin');
  if (!(await provesNewKey(request, issued.challenge, context))) throw reject('proof');

  const newCredentialId = credentialIdOf(newPublicKey);
  const owner = { userId, credentialId: newCredentialId };
  await enrolPin(engine, drawn, owner, event.atMs);
  const outcome = await storeCall(
    engine.credentials.replace(
      userId,
      credentialId,
      {
        ...owner,
        publicKey: newPublicKey,
        deviceName: credential.deviceName,
        createdAtMs: event.atMs,
      },
      event.atMs,
    ),
  );
  if (outcome !== 'replaced') {
    await withdrawPin(engine, drawn);
    throw outcome === 'taken' ? reject('taken', 'USER_ID_TAKEN') : reject('revoked');
  }
  if (engine.pinAssistance !== null) {
    await storeCall(engine.pinAssistance.store.retireAllOf(credentialId, event.atMs));
  }
  engine.emit({ ...event, type: 'key_rotated', newCredentialId });
  return { ...owner, ...(await engine.tokens.issue(owner)) };
}

async function provesNewKey(
  { userId, challengeId, origin, audience, newPublicKey, newProof }: RotateKeyRequest,
  challenge: Uint8Array,
  context: Uint8Array,
): Promise<boolean> {
  const message = buildMessage({
    purpose: 'rotate-key',
    origin,
    audience,
    userId,
    credentialId: credentialIdOf(newPublicKey),
    challengeId,
    challenge,
    context,
  });
  return verifyProofAsync(newPublicKey, message, newProof);
}
