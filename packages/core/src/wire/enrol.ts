import { encodeBase64url } from '../base64url.js';
import { enrolmentSecretLength, publicKeyLength } from '../lengths.js';
import { type DeviceFields, formatDevice, readDevice } from './device.js';
import { type DrawnPin, formatDrawnPin, type JsonWithPin, readDrawnPinId } from './drawn-pin.js';
import { readBytes, readObject } from './members.js';
import { formatProofFields, type ProofFields, readProofFields } from './proof-fields.js';
import { parseRecoverResponse, type RecoverResponse } from './recover.js';
import type { Route } from './route.js';

/** Body of `POST {base}/enrol`. The proof is by the new device. */
export interface EnrolRequest extends ProofFields, DrawnPin, DeviceFields {
  /** The key of the new device, 32 bytes (base64url on the wire). */
  publicKey: Uint8Array;
  /** The secret of the application's token, 32 bytes (base64url on the wire). */
  secret: Uint8Array;
}

export function formatEnrolRequest(request: EnrolRequest): JsonWithPin<EnrolRequest> {
  return {
    ...formatProofFields(request),
    publicKey: encodeBase64url(request.publicKey),
    secret: encodeBase64url(request.secret),
    ...formatDrawnPin(request),
    ...formatDevice(request),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseEnrolRequest(body: unknown): EnrolRequest {
  const object = readObject(body, 'INVALID_BODY');
  const proof = readProofFields(object);
  const publicKey = readBytes(object, 'publicKey', publicKeyLength, 'INVALID_PUBLIC_KEY');
  const secret = readBytes(object, 'secret', enrolmentSecretLength, 'INVALID_ENROLMENT_TOKEN');
  const pinId = readDrawnPinId(object);
  return { ...proof, publicKey, secret, ...(pinId === undefined ? {} : { pinId }), ...readDevice(object) };
}

/** Bring a new device by a token that the application has sent. The answer is that of a recovery. */
export const enrolRoute: Route<EnrolRequest, RecoverResponse> = {
  path: '/enrol',
  method: 'POST',
  status: 201,
  format: formatEnrolRequest,
  parse: parseRecoverResponse,
};
