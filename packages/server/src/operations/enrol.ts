import {
  constantTimeEqual,
  credentialIdOf,
  encodeBase64url,
  encodeUtf8,
  type JsonOf,
  linkDeviceContext,
  pinHashOf,
  ZkpAuthError,
} from '@zkp-auth/core';
import { enrolmentHashOf, parseEnrolRequest } from '@zkp-auth/core/recovery';
import type { EnrolRefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { storeCall } from '../stores/store-call.js';
import { addDevice, additionCodes } from './add-device.js';
import { drawnPin } from './drawn-pin.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { provesNewKey } from './proves-new-key.js';
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
      | (typeof additionCodes)[keyof typeof additionCodes] = 'PROOF_REJECTED',
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
  const { challenge } = issued;
  const context = linkDeviceContext({ flow: 'enrol', tokenHash, newPublicKey: publicKey, newPinHash });
  if (!provesNewKey(request, { purpose, credentialId, publicKey, proof, challenge, context }))
    throw reject('proof');
  if (!(await issued.spend())) throw reject('challenge');

  const { atMs } = event;
  const grant = encodeBase64url(tokenHash);
  // Looked up first, so that a request without a token writes nothing and waits for no lock.
  const grants = await storeCall(engine.credentials.listGrants(userId, atMs));
  const isGrant = (other: string): boolean => constantTimeEqual(encodeUtf8(other), encodeUtf8(grant));
  if (!grants.some((granted) => isGrant(granted.tokenHash))) throw reject('token', 'ENROLMENT_NOT_FOUND');
  const device = { ...owner, publicKey, deviceName: request.device?.name ?? null, addedBy: null };
  const { enrolmentDelayMs: delayMs } = engine;
  const cause = { type: 'device_enrolled', grantId: grant } as const;
  const added = await addDevice(engine, { ...device, atMs, delayMs, drawn, grant }, cause);
  if (typeof added !== 'string') return added;
  throw added === 'gone' || added === 'ungranted'
    ? reject('token', 'ENROLMENT_NOT_FOUND')
    : reject(added, additionCodes[added]);
}
