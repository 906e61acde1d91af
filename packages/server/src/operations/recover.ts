import { credentialIdOf, type JsonOf, linkDeviceContext, pinHashOf, ZkpAuthError } from '@zkp-auth/core';
import { parseRecoverRequest } from '@zkp-auth/core/recovery';
import type { KitRefusalReason, RefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import { takeLimit } from '../limits/take-limit.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { isPending } from '../stores/credential-policy.js';
import type { Credential } from '../stores/credential-store.js';
import { addDevice, additionCodes } from './add-device.js';
import { drawnPin } from './drawn-pin.js';
import { examineProof } from './examine-proof.js';
import { provesNewKey } from './proves-new-key.js';
import { requirePinAssistance } from './require-pin-assistance.js';

const purpose = 'link-device';

/**
 * Bring a new device, on a proof by the user's recovery kit and one by the device over the same challenge and context
 * (protocol section 11.3). With a delay the device waits for its end, and any live device can stop it.
 *
 * @throws {@link ZkpAuthError} `PROOF_REJECTED`, `USER_ID_TAKEN`, `RECOVERY_LIMIT_REACHED`, `CREDENTIAL_LIMIT_REACHED`,
 * `PIN_ASSISTANCE_UNSUPPORTED`, `RATE_LIMITED`, or a parsing code.
 */
export async function recover(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<ServedAnswerOf<'recover'>>>> {
  const request = parseRecoverRequest(body);
  const { userId, credentialId, newPublicKey: publicKey, pinId } = request;
  if (pinId !== undefined) requirePinAssistance(engine);
  const newPinHash = pinId && pinHashOf(pinId);
  const context = linkDeviceContext({ flow: 'recover', newPublicKey: publicKey, newPinHash });
  const verdict = await examineProof(engine, { purpose, request, context, pinId, facts, refusalOf });
  const event = { atMs: engine.now(), userId, credentialId };
  const reject = (
    reason: KitRefusalReason,
    code: 'PROOF_REJECTED' | (typeof additionCodes)[keyof typeof additionCodes] = 'PROOF_REJECTED',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'recovery_rejected', reason });
    return new ZkpAuthError(code);
  };

  if (verdict.refusal !== null) throw reject(verdict.refusal);
  const { issued } = verdict;
  const drawn = pinId === undefined ? undefined : drawnPin(issued.pin, pinId);
  if (drawn === null) throw reject('pin');
  const { challenge } = issued;
  const owner = { userId, credentialId: credentialIdOf(publicKey) };
  const newKey = { purpose, ...owner, publicKey, proof: request.newProof, challenge, context } as const;
  if (!provesNewKey(request, newKey)) throw reject('proof');
  await takeLimit(engine, 'recoveriesByUser', { userId, credentialId, facts });

  const device = { ...owner, publicKey, deviceName: request.device?.name ?? null, addedBy: credentialId };
  const { recoveryDelayMs: delayMs } = engine;
  const cause = { type: 'device_recovered', kitId: credentialId } as const;
  const added = await addDevice(engine, { ...device, atMs: event.atMs, delayMs, drawn }, cause);
  if (typeof added !== 'string') return added;
  throw added === 'gone' || added === 'ungranted' ? reject('revoked') : reject(added, additionCodes[added]);
}

/** Only a live kit recovers. */
function refusalOf(credential: Credential, nowMs: number): RefusalReason | null {
  const { kind, revokedAtMs, suspendedAtMs } = credential;
  if (revokedAtMs !== null) return 'revoked';
  if (kind !== 'recovery') return 'device';
  if (isPending(credential, nowMs)) return 'pending';
  return suspendedAtMs === null ? null : 'suspended';
}
