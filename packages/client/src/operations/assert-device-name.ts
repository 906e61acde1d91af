import { isDeviceName } from '@zkp-auth/core';

/** @throws `TypeError` for a name that the server would refuse. */
export function assertDeviceName(deviceName: string | undefined): void {
  if (deviceName === undefined || isDeviceName(deviceName)) return;
  throw new TypeError('deviceName must have 1 to 64 characters, none of them a control character');
}
