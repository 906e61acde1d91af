import {
  type AnswerOf,
  credentialIdOf,
  formatNewKeyResponse,
  type JsonOf,
  newKeyContext,
  parseRotateKeyRequest,
  type RotateKeyRequest,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { AuthEvent } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { takeLimit } from '../limits/take-limit.js';
import { sessionResponse } from '../sessions/session-response.js';
import type { StoredSession } from '../stores/session-store.js';
import { storeCall } from '../stores/store-call.js';
import { identify } from './authenticate.js';
import { drawnPin, newPinOf } from './drawn-pin.js';
import { endCredentialSessions } from './end-credential-sessions.js';
import { endSession } from './end-session.js';
import { createWithPin } from './create-with-pin.js';
import { examineProof } from './examine-proof.js';
import { findLiveCredential } from './find-live-credential.js';
import { giveBackTry } from './give-back-try.js';
import { provesNewKey } from './proves-new-key.js';
import { requirePinAssistance } from './require-pin-assistance.js';
import { endPins } from './end-pins.js';

type RotationRefusal = Extract<AuthEvent, { type: 'key_rotation_rejected' }>['reason'];

/**
 * Replace a credential's key, on a proof by each of the two keys over the same challenge and context. The old
 * credential is revoked with all its pins and sessions. If the request's access token names one of these sessions,
 * that session moves to the new credential instead.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `USER_ID_TAKEN` if the new key is registered already,
 * `PIN_ASSISTANCE_UNSUPPORTED`, `UNAUTHENTICATED` for an access token that is not valid, `INVALID_DPOP_PROOF`,
 * `DPOP_NONCE_REQUIRED`, or a parsing code.
 */
export async function rotateKey(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'rotateKey'>>>> {
  const request = parseRotateKeyRequest(body);
  const { userId, credentialId, newPublicKey, pinId } = request;
  if (pinId !== undefined) requirePinAssistance(engine);
  // Before anything is spent, because the client may have to make the DPoP proof again.
  const current = await currentSessionId(engine, request, facts);
  const context = newKeyContext({ newPublicKey, ...(pinId === undefined ? {} : { newPinId: pinId }) });
  const verdict = await examineProof(engine, { purpose: 'rotate-key', request, context, pinId, facts });
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
  await giveBackTry(engine, issued, credentialId);
  const drawn = pinId === undefined ? undefined : drawnPin(issued.pin, pinId);
  if (drawn === null) throw reject('pin');
  const newCredentialId = credentialIdOf(newPublicKey);
  const newKey = { credentialId: newCredentialId, publicKey: newPublicKey, proof: request.newProof };
  const { challenge } = issued;
  if (!provesNewKey(request, { ...newKey, purpose: 'rotate-key', challenge, context })) throw reject('proof');
  await takeLimit(engine, 'keyRotationsByUser', { userId, credentialId, facts });

  const owner = { userId, credentialId: newCredentialId };
  const { atMs } = event;
  const newPin = drawn && newPinOf(drawn, owner, atMs);
  const { deviceName } = credential;
  const newCredential = { ...owner, publicKey: newPublicKey, deviceName, createdAtMs: atMs };
  const outcome = await createWithPin(engine, newPin, (pin) =>
    engine.credentials.replace(credentialId, newCredential, pin),
  );
  if (outcome !== 'replaced')
    throw outcome === 'taken' ? reject('taken', 'USER_ID_TAKEN') : reject('revoked');
  const session = current === null ? null : await moveSession(engine, current, owner);
  await endPins(engine, { credentialId, replacedBy: newCredentialId }, atMs);
  await endCredentialSessions(engine, userId, credentialId);
  engine.emit({ ...event, type: 'key_rotated', newCredentialId });
  const response = session === null ? owner : await sessionResponse(engine, session);
  return { body: formatNewKeyResponse(response), headers: [] };
}

/** The session of the request, if it belongs to the old credential. */
async function currentSessionId(
  engine: Engine,
  { userId, credentialId }: RotateKeyRequest,
  facts: RequestFacts,
): Promise<string | null> {
  if (facts.authorization === undefined) return null;
  const user = await identify(engine, facts, {});
  // The client must first refresh a token that has ended. Otherwise the session would not be moved.
  if (user === null) throw new ZkpAuthError('UNAUTHENTICATED');
  return user.userId === userId && user.credentialId === credentialId ? user.sessionId : null;
}

/** A revocation of the new credential ends its sessions. It may have done so before this session was moved. */
async function moveSession(
  engine: Engine,
  sessionId: string,
  owner: { userId: string; credentialId: string },
): Promise<StoredSession | null> {
  const isMoved = await storeCall(engine.sessions.moveTo(sessionId, owner.credentialId));
  const session = isMoved ? await storeCall(engine.sessions.find(sessionId)) : null;
  if (session === null || (await findLiveCredential(engine, owner)) !== null) return session;
  await endSession(engine, session, 'credential_revoked');
  return null;
}
