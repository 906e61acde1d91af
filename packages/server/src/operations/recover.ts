import { credentialIdOf, type JsonOf, linkDeviceContext, pinHashOf, ZkpAuthError } from '@zkp-auth/core';
import { formatRecoverResponse, parseRecoverRequest } from '@zkp-auth/core/recovery';
import type { KitRefusalReason, RefusalReason } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { ServedAnswerOf } from '../served-routes.js';
import { takeLimit } from '../limits/take-limit.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { isPending, maxPendingDevices } from '../stores/credential-policy.js';
import type { Credential } from '../stores/credential-store.js';
import { createWithPin } from './create-with-pin.js';
import { drawnPin, newPinOf } from './drawn-pin.js';
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
    code:
      | 'PROOF_REJECTED'
      | 'USER_ID_TAKEN'
      | 'CREDENTIAL_LIMIT_REACHED'
      | 'RECOVERY_LIMIT_REACHED' = 'PROOF_REJECTED',
  ): ZkpAuthError => {
    engine.emit({ ...event, type: 'recovery_rejected', reason });
    return new ZkpAuthError(code);
  };

  if (verdict.refusal !== null) throw reject(verdict.refusal);
  const { issued } = verdict;
  const drawn = pinId === undefined ? undefined : drawnPin(issued.pin, pinId);
  if (drawn === null) throw reject('pin');
  if (!provesNewKey(request, { purpose, challenge: issued.challenge, context })) throw reject('proof');
  await takeLimit(engine, 'recoveriesByUser', { userId, credentialId, facts });

  const { atMs } = event;
  const { recoveryDelayMs: delayMs } = engine;
  const owner = { userId, credentialId: credentialIdOf(publicKey) };
  const deviceName = request.device?.name ?? null;
  const pendingUntilMs = delayMs === 0 ? null : atMs + delayMs;
  const device = { ...owner, publicKey, deviceName, createdAtMs: atMs, kind: 'device' } as const;
  const newPin = drawn && newPinOf(drawn, owner, atMs);
  const outcome = await createWithPin(engine, newPin, (pin) =>
    engine.credentials.addCredential(
      { ...device, addedBy: credentialId, pendingUntilMs },
      { pin, maxPending: maxPendingDevices },
    ),
  );
  switch (outcome.kind) {
    case 'gone':
    case 'ungranted':
      throw reject('revoked');
    case 'taken':
      throw reject('taken', 'USER_ID_TAKEN');
    case 'waiting':
      throw reject('waiting', 'RECOVERY_LIMIT_REACHED');
    case 'full':
      throw reject('full', 'CREDENTIAL_LIMIT_REACHED');
    case 'added': {
      const told = { ...event, credentialId: owner.credentialId, kitId: credentialId };
      engine.emit({ ...told, type: 'device_recovered', deviceName, pendingUntilMs });
      const added = { atMs, ...owner, deviceName, addedBy: credentialId } as const;
      engine.emit({ ...added, type: 'credential_added', kind: 'device' });
      const pendingForMs = delayMs === 0 ? undefined : delayMs;
      return { body: formatRecoverResponse({ ...owner, pendingForMs }), headers: [] };
    }
  }
}

/** Only a live kit recovers. */
function refusalOf(credential: Credential, nowMs: number): RefusalReason | null {
  const { kind, revokedAtMs, suspendedAtMs } = credential;
  if (revokedAtMs !== null) return 'revoked';
  if (kind !== 'recovery') return 'device';
  if (isPending(credential, nowMs)) return 'pending';
  return suspendedAtMs === null ? null : 'suspended';
}
