import { credentialIdLength } from '../credential-id.js';
import { type DeviceFields, formatDevice, readDevice } from './device.js';
import { type JsonOf, readBytesText, readObject } from './members.js';
import { formatCredentialProof, type CredentialProof } from './credential-proof.js';
import {
  formatSessionStart,
  readProofFields,
  readSessionStart,
  type SessionStartFields,
} from './proof-fields.js';
import type { Route } from './route.js';
import { parseSessionResponse, type SessionResponse } from './session.js';

/** Body of `POST {base}/verify`. */
export interface VerifyRequest extends CredentialProof, SessionStartFields, DeviceFields {}

export function formatVerifyRequest(request: VerifyRequest): JsonOf<VerifyRequest> {
  return { ...formatCredentialProof(request), ...formatSessionStart(request), ...formatDevice(request) };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseVerifyRequest(body: unknown): VerifyRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    ...readProofFields(object),
    ...readSessionStart(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
    ...readDevice(object),
  };
}

/** Sign in with a proof. */
export const verifyRoute: Route<VerifyRequest, SessionResponse> = {
  path: '/verify',
  method: 'POST',
  status: 200,
  format: formatVerifyRequest,
  parse: parseSessionResponse,
};
