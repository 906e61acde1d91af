import { encodeBase64url } from '../base64url.js';
import { controlCharacter } from '../control-character.js';
import { publicKeyLength } from '../lengths.js';
import { type DrawnPin, formatDrawnPin, type JsonWithPin, readDrawnPinId } from './drawn-pin.js';
import { member, readBytes, readMember, readObject } from './members.js';
import {
  formatProofFields,
  formatSessionStart,
  type ProofFields,
  readProofFields,
  readSessionStart,
  type SessionStartFields,
} from './proof-fields.js';
import type { Route } from './route.js';
import { type NewKeyResponse, parseNewKeyResponse } from './session.js';

/** Body of `POST {base}/register`. */
export interface RegisterRequest extends ProofFields, SessionStartFields, DrawnPin {
  /** 32 bytes (base64url on the wire). */
  publicKey: Uint8Array;
  /** The name that the person reads for this device, 1 to 64 characters. */
  device?: { name: string } | undefined;
}

/**
 * Whether a text may name a device. It has 1 to 64 characters, is well-formed, and contains no control character.
 */
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

export function formatRegisterRequest(request: RegisterRequest): JsonWithPin<RegisterRequest> {
  const { device } = request;
  return {
    ...formatProofFields(request),
    ...formatSessionStart(request),
    publicKey: encodeBase64url(request.publicKey),
    device: device && { name: device.name },
    ...formatDrawnPin(request),
  };
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

/** Create a user with a first credential. */
export const registerRoute: Route<RegisterRequest, NewKeyResponse> = {
  path: '/register',
  method: 'POST',
  status: 201,
  format: formatRegisterRequest,
  parse: parseNewKeyResponse,
};
