import { credentialIdLength } from '../credential-id.js';
import { type JsonOf, member, readBytesText, readObject } from './members.js';
import { noBody, type Route } from './route.js';

/** The action that a person confirms over the exact body of the request (protocol section 11.6). */
export const stopRecoveryAction = 'zkp-auth:stop-recovery';

/** Body of `POST {base}/recover/stop`. */
export interface StopRecoveryRequest {
  /** The device that waits, 16 bytes in base64url. */
  credentialId: string;
  /** Revoke the recovery kit that brought it as well. Anything but `true` is left out. */
  revokeKit?: true | undefined;
}

export function formatStopRecoveryRequest(request: StopRecoveryRequest): JsonOf<StopRecoveryRequest> {
  return { credentialId: request.credentialId, revokeKit: request.revokeKit };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_CREDENTIAL_ID`. */
export function parseStopRecoveryRequest(body: unknown): StopRecoveryRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
    ...(member(object, 'revokeKit') === true ? { revokeKit: true } : {}),
  };
}

/** End a device that waits for the end of its recovery, for good. */
export const stopRecoveryRoute: Route<StopRecoveryRequest, undefined> = {
  path: '/recover/stop',
  method: 'POST',
  status: 204,
  action: stopRecoveryAction,
  format: formatStopRecoveryRequest,
  parse: noBody,
};
