import { type DeviceFields, formatDevice, readDevice } from './device.js';
import { type DrawnPin, formatDrawnPin, type JsonWithPin, readDrawnPinId } from './drawn-pin.js';
import { formatMakeKitRequest, type MakeKitRequest, parseMakeKitRequest } from './make-kit.js';
import { isMilliseconds, type JsonOf, member, readMember, readObject } from './members.js';
import type { Route } from './route.js';
import { parseRegistrationResponse, type RegistrationResponse } from './session.js';

/** Body of `POST {base}/recover`. `proof` is by the recovery kit, and `newProof` by the new device. */
export interface RecoverRequest extends MakeKitRequest, DrawnPin, DeviceFields {}

/** Answer of `POST {base}/recover`. It names the credential of the new device. */
export interface RecoverResponse extends RegistrationResponse {
  /** How long the new device is pending. Absent if it can sign in at once. */
  pendingForMs?: number | undefined;
}

export function formatRecoverRequest(request: RecoverRequest): JsonWithPin<RecoverRequest> {
  return { ...formatMakeKitRequest(request), ...formatDrawnPin(request), ...formatDevice(request) };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseRecoverRequest(body: unknown): RecoverRequest {
  const object = readObject(body, 'INVALID_BODY');
  const request = parseMakeKitRequest(object);
  const pinId = readDrawnPinId(object);
  return { ...request, ...(pinId === undefined ? {} : { pinId }), ...readDevice(object) };
}

export function formatRecoverResponse({
  userId,
  credentialId,
  pendingForMs,
}: RecoverResponse): JsonOf<RecoverResponse> {
  return { userId, credentialId, pendingForMs };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseRecoverResponse(body: unknown): RecoverResponse {
  const object = readObject(body);
  return {
    ...parseRegistrationResponse(object),
    ...(member(object, 'pendingForMs') === undefined
      ? {}
      : { pendingForMs: readMember(object, 'pendingForMs', isMilliseconds) }),
  };
}

/** Bring a new device by the words of a recovery kit. */
export const recoverRoute: Route<RecoverRequest, RecoverResponse> = {
  path: '/recover',
  method: 'POST',
  status: 201,
  format: formatRecoverRequest,
  parse: parseRecoverResponse,
};
