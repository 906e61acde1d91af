import { controlCharacter } from '../control-character.js';
import { pinIdLength, publicKeyLength } from '../lengths.js';
import { type JsonObject, member, readBytes, readMember, readObject } from './members.js';
import {
  type ProofFields,
  readProofFields,
  readSessionStart,
  type SessionStartFields,
} from './proof-fields.js';

/** Body of `POST {base}/register`. */
export interface RegisterRequest extends ProofFields, SessionStartFields {
  /** 32 bytes; base64url on the wire. */
  publicKey: Uint8Array;
  /** What the person sees this device as; 1 to 64 characters. */
  device?: { name: string };
  /** The pinId that the server drew with this registration's challenge, 16 bytes. */
  pinId?: Uint8Array;
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

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseRegisterRequest(body: unknown): RegisterRequest {
  const object = readObject(body, 'INVALID_BODY');
  const request: RegisterRequest = {
    ...readProofFields(object),
    ...readSessionStart(object),
    publicKey: readBytes(object, 'publicKey', publicKeyLength, 'INVALID_PUBLIC_KEY'),
  };
  const device = member(object, 'device');
  if (device !== undefined) {
    const name = readMember(readObject(device, 'INVALID_DEVICE'), 'name', isDeviceName, 'INVALID_DEVICE');
    request.device = { name };
  }
  const pinId = readDrawnPinId(object);
  if (pinId !== undefined) request.pinId = pinId;
  return request;
}

/** The `pin: { id }` of a request that enrols what its challenge drew. */
export function readDrawnPinId(object: JsonObject): Uint8Array | undefined {
  const pin = member(object, 'pin');
  if (pin === undefined) return undefined;
  return readBytes(readObject(pin, 'INVALID_PIN_ID'), 'id', pinIdLength, 'INVALID_PIN_ID');
}
