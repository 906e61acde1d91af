import { controlCharacter } from '../control-character.js';
import { type JsonObject, member, readMember, readObject } from './members.js';

/** The name that the person reads for this device. */
export interface DeviceFields {
  /** `name` has 1 to 64 characters. */
  device?: { name: string } | undefined;
}

/** Whether a text may name a device: 1 to 64 characters, well-formed, none of them a control character. */
export function isDeviceName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= 128 &&
    Array.from(value).length <= 64 &&
    value.isWellFormed() &&
    !controlCharacter.test(value)
  );
}

export function formatDevice({ device }: DeviceFields): { device: { name: string } | undefined } {
  return { device: device && { name: device.name } };
}

/** @throws {@link ZkpAuthError} `INVALID_DEVICE`. */
export function readDevice(object: JsonObject): DeviceFields {
  const device = member(object, 'device');
  if (device === undefined) return {};
  const name = readMember(readObject(device, 'INVALID_DEVICE'), 'name', isDeviceName, 'INVALID_DEVICE');
  return { device: { name } };
}
