import type { Engine } from '../engine.js';
import { stateOf } from '../stores/credential-policy.js';
import { storeCall } from '../stores/store-call.js';

/** Whether a person can lose the device that they use, and still get back into the account. */
export interface DeviceLoss {
  /** Whether there is another device or a recovery kit. */
  answer: boolean;
  /** The number of further devices that sign in. */
  otherDevices: number;
  /** Whether there is a recovery kit. */
  recoveryKit: boolean;
}

/** All `false` and 0 for a user who does not exist. A pending device counts only when it can sign in. */
export async function canLoseThisDevice(engine: Engine, userId: string): Promise<DeviceLoss> {
  const nowMs = engine.now();
  const credentials = await storeCall(engine.credentials.list(userId));
  const live = credentials.filter((credential) => stateOf(credential, nowMs) === 'live');
  const devices = live.filter(({ kind }) => kind === 'device').length;
  const otherDevices = Math.max(0, devices - 1);
  const recoveryKit = devices < live.length;
  return { answer: otherDevices > 0 || recoveryKit, otherDevices, recoveryKit };
}
