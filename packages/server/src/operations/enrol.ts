import {
  buildMessage,
  constantTimeEqual,
  credentialIdOf,
  encodeBase64url,
  encodeUtf8,
  type JsonOf,
  linkDeviceContext,
  pinHashOf,
  verifyProof,
  ZkpAuthError,
} from '@zkp-auth/core';
import { enrolmentHashOf, formatRecoverResponse, parseEnrolRequest } from '@zkp-auth/core/recovery';
import type { EnrolRefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { maxPendingDevices } from '../stores/credential-policy.js';
import { storeCall } from '../stores/store-call.js';
import { createWithPin } from './create-with-pin.js';
import { drawnPin, newPinOf } from './drawn-pin.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { requirePinAssistance } from './require-pin-assistance.js';

const purpose = 'link-device';

/**
 * Bring a new device, on a proof by it and a token that the application has sent (protocol section 12.2). The token is
 * used up in the step that creates the device. With a delay the device waits, and any live device can stop it.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `ENROLMENT_NOT_FOUND`, `USER_ID_TAKEN`, `RECOVERY_LIMIT_REACHED`,
 * `CREDENTIAL_LIMIT_REACHED`, `PIN_ASSISTANCE_UNSUPPORTED`, or a parsing code.
 */
export async function enrol(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<ServedAnswerOf<'enrol'>>>> {
  const request = parseEnrolRequest(body);
  const { userId, publicKey, challengeId, origin, audience, proof, secret, pinId } = request;
  if (pinId !== undefined) requirePinAssistance(engine);
  const credentialId = credentialIdOf(publicKey);
  const owner = { userId, credentialId };
  const event = { atMs: engine.now(), ...owner };
  const reject = (
    reason: EnrolRefusalReason,
    code:
      | 'PROOF_REJECTED'
      | 'ENROLMENT_NOT_FOUND'
      | 'USER_ID_TAKEN'
      | 'CREDENTIAL_LIMIT_REACHED'
      | 'RECOVERY_LIMIT_REACHED' = 'PROOF_REJECTED',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'enrolment_rejected', reason });
    return new ZkpAuthError(code);
  };

  const issued = engine.challenges.named(challengeId, { purpose, ...owner }, pinId);
  if (!issued.valid) throw reject('challenge');
  if (!isAllowedOrigin(engine, { ...owner, origin, audience }, facts)) throw reject('origin');
  const drawn = pinId === undefined ? undefined : drawnPin(issued.pin, pinId);
  if (drawn === null) throw reject('pin');
  const tokenHash = enrolmentHashOf(secret);
  const newPinHash = pinId && pinHashOf(pinId);
  const message = buildMessage({
    purpose,
    origin,
    audience,
    ...owner,
    challengeId,
    challenge: issued.challenge,
    context: linkDeviceContext({ flow: 'enrol', tokenHash, newPublicKey: publicKey, newPinHash }),
  });
  if (!verifyProof(publicKey, message, proof)) throw reject('proof');
  if (!(await issued.spend())) throw reject('challenge');

  const { atMs } = event;
  const grant = encodeBase64url(tokenHash);
  // Looked up first, so that a request without a token writes nothing and waits for no lock.
  const grants = await storeCall(engine.credentials.listGrants(userId, atMs));
  const isGrant = (other: string): boolean => constantTimeEqual(encodeUtf8(other), encodeUtf8(grant));
  if (!grants.some((granted) => isGrant(granted.tokenHash))) throw reject('token', 'ENROLMENT_NOT_FOUND');
  const { enrolmentDelayMs: delayMs } = engine;
  const deviceName = request.device?.name ?? null;
  const pendingUntilMs = delayMs === 0 ? null : atMs + delayMs;
  const device = { ...owner, publicKey, deviceName, createdAtMs: atMs, kind: 'device' } as const;
  const outcome = await createWithPin(engine, drawn && newPinOf(drawn, owner, atMs), (pin) =>
    engine.credentials.addCredential(
      { ...device, addedBy: null, pendingUntilMs },
      { pin, grant, maxPending: maxPendingDevices },
    ),
  );
  switch (outcome.kind) {
    case 'gone':
    case 'ungranted':
      throw reject('token', 'ENROLMENT_NOT_FOUND');
    case 'taken':
      throw reject('taken', 'USER_ID_TAKEN');
    case 'waiting':
      throw reject('waiting', 'RECOVERY_LIMIT_REACHED');
    case 'full':
      throw reject('full', 'CREDENTIAL_LIMIT_REACHED');
    case 'added': {
      engine.emit({ ...event, type: 'device_enrolled', grantId: grant, deviceName, pendingUntilMs });
      engine.emit({ ...event, type: 'credential_added', kind: 'device', deviceName, addedBy: null });
      const pendingForMs = delayMs === 0 ? undefined : delayMs;
      return { body: formatRecoverResponse({ ...owner, pendingForMs }), headers: [] };
    }
  }
}
