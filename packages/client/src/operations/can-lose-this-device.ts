import { ZkpAuthError } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import type { DeviceLoss } from '../client-types.js';
import { listCredentials } from './list-credentials.js';

/** See `ZkpAuthClient.canLoseThisDevice`. */
export async function canLoseThisDevice(call: Call): Promise<DeviceLoss> {
  const live = (await listCredentials(call)).filter(({ state }) => state === 'live');
  const devices = live.filter(({ kind }) => kind === 'device');
  // Without its own entry nobody knows which devices are the others.
  if (devices.filter(({ current }) => current).length !== 1) {
    throw new ZkpAuthError('INVALID_RESPONSE', 'The list does not say which device this is.');
  }
  const others = devices.filter(({ current, pinLocked }) => !current && pinLocked !== true);
  const otherDevices = others.length;
  const recoveryKit = devices.length < live.length;
  return { answer: otherDevices > 0 || recoveryKit, otherDevices, recoveryKit };
}
