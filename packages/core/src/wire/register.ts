import { controlCharacter } from '../control-character.js';
import { publicKeyLength } from '../lengths.js';
import { ZkpAuthError } from '../errors.js';
import { member, readBytes, readMember, readObject } from './members.js';
import { type ProofFields, readProofFields } from './proof-fields.js';

/** Body of `POST {base}/register`. */
export interface RegisterRequest extends ProofFields {
  /** 32 bytes; base64url on the wire. */
  publicKey: Uint8Array;
  /** What the person sees this device as; 1 to 64 characters. */
  device?: { name: string };
}

/** Whether a text may name a device: 1 to 64 characters, well-formed, none of them a control character. */
export function isDeviceName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    Array.from(value).length <= 64 &&
    value.isWellFormed() &&
    !controlCharacter.test(value)
  );
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseRegisterRequest(body: unknown): RegisterRequest {
  const object = readObject(body, 'INVALID_BODY');
  const request: RegisterRequest = {
    ...readProofFields(object),
    publicKey: readBytes(object, 'publicKey', publicKeyLength, 'INVALID_PUBLIC_KEY'),
  };
  const device = member(object, 'device');
  if (device !== undefined) {
    const name = readMember(readObject(device, 'INVALID_DEVICE'), 'name', isDeviceName, 'INVALID_DEVICE');
    request.device = { name };
  }
  if (member(object, 'pin') !== undefined) throw new ZkpAuthError('PIN_ASSISTANCE_UNSUPPORTED');
  return request;
}
