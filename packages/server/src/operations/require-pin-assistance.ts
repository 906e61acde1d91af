import { ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { PinAssistance } from '../pin/open-pin-assistance.js';

/** @throws {@link ZkpAuthError} `PIN_ASSISTANCE_UNSUPPORTED` if the application turned it off. */
export function requirePinAssistance({ pinAssistance }: Engine): PinAssistance {
  if (pinAssistance === null) throw new ZkpAuthError('PIN_ASSISTANCE_UNSUPPORTED');
  return pinAssistance;
}
