import { encodeBase64url } from '../base64url.js';
import { publicKeyLength } from '../lengths.js';
import { type DeviceFields, formatDevice, readDevice } from './device.js';
import { type DrawnPin, formatDrawnPin, type JsonWithPin, readDrawnPinId } from './drawn-pin.js';
import { readBytes, readObject } from './members.js';
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
export interface RegisterRequest extends ProofFields, SessionStartFields, DeviceFields, DrawnPin {
  /** 32 bytes (base64url on the wire). */
  publicKey: Uint8Array;
}

export function formatRegisterRequest(request: RegisterRequest): JsonWithPin<RegisterRequest> {
  return {
    ...formatProofFields(request),
    ...formatSessionStart(request),
    publicKey: encodeBase64url(request.publicKey),
    ...formatDevice(request),
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
    ...readDevice(object),
  };
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
