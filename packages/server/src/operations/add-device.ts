import type { JsonOf } from '@zkp-auth/core';
import { formatRecoverResponse } from '@zkp-auth/core/recovery';
import type { DrawnPin } from '../challenges/challenge-pin.js';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { ServedAnswerOf } from '../served-routes.js';
import { maxPendingDevices } from '../stores/credential-policy.js';
import type { Addition } from '../stores/credential-store.js';
import { createWithPin } from './create-with-pin.js';
import { newPinOf } from './drawn-pin.js';

/** A device that a recovery kit or a token of the application brings. */
export interface NewDevice {
  userId: string;
  credentialId: string;
  publicKey: Uint8Array;
  deviceName: string | null;
  addedBy: string | null;
  atMs: number;
  /** How long the device waits, in milliseconds. */
  delayMs: number;
  /** The pin that its challenge drew, if it drew one. */
  drawn: DrawnPin | undefined;
  /** The token's hash, which the same step uses up. */
  grant?: string;
}

/** What has brought the device. */
type Cause = { type: 'device_recovered'; kitId: string } | { type: 'device_enrolled'; grantId: string };

/** The codes of the refusals that do not depend on what has brought the device. */
export const additionCodes = {
  taken: 'USER_ID_TAKEN',
  waiting: 'RECOVERY_LIMIT_REACHED',
  full: 'CREDENTIAL_LIMIT_REACHED',
} as const;

/**
 * Add a device and its pin, tell of it, and answer its request. With a delay the device waits, and any live device can stop
 * it.
 *
 * @returns the reason, and nothing has changed, if the device cannot be added.
 */
export async function addDevice(
  engine: Engine,
  { drawn, delayMs, grant, atMs, ...device }: NewDevice,
  cause: Cause,
): Promise<Outcome<JsonOf<ServedAnswerOf<'recover'>>> | Exclude<Addition['kind'], 'added'>> {
  const { userId, credentialId, deviceName, addedBy } = device;
  const owner = { userId, credentialId };
  const pendingUntilMs = delayMs === 0 ? null : atMs + delayMs;
  const credential = { ...device, kind: 'device', createdAtMs: atMs, pendingUntilMs } as const;
  const { kind } = await createWithPin(engine, drawn && newPinOf(drawn, owner, atMs), (pin) =>
    engine.credentials.addCredential(credential, {
      pin,
      maxPending: maxPendingDevices,
      ...(grant !== undefined && { grant }),
    }),
  );
  if (kind !== 'added') return kind;
  const event = { atMs, ...owner, deviceName };
  engine.emit({ ...event, ...cause, pendingUntilMs });
  engine.emit({ ...event, type: 'credential_added', kind: 'device', addedBy });
  return {
    body: formatRecoverResponse({ ...owner, pendingForMs: delayMs === 0 ? undefined : delayMs }),
    headers: [],
  };
}
