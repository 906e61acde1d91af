import { encodeBase64url } from '../base64url.js';
import { pinIdLength } from '../lengths.js';
import { type JsonOf, member, optionalText, readBytes, readObject } from './members.js';
import { formatCredentialProof, type CredentialProof, parseCredentialProof } from './credential-proof.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/pin`. */
export interface ChangePinRequest extends CredentialProof {
  /** The pinId to retire, 16 bytes (base64url on the wire). */
  oldPinId?: Uint8Array | undefined;
  /** The pinId that the server drew with this challenge, 16 bytes (base64url on the wire). */
  newPinId: Uint8Array;
  /**
   * Whether the person chose a new PIN. A renewal leaves it out, and then the server keeps the count of tries at
   * the old PIN.
   */
  newPin?: true | undefined;
}

export function formatChangePinRequest(request: ChangePinRequest): JsonOf<ChangePinRequest> {
  return {
    ...formatCredentialProof(request),
    oldPinId: optionalText(request.oldPinId),
    newPinId: encodeBase64url(request.newPinId),
    newPin: request.newPin,
  };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseChangePinRequest(body: unknown): ChangePinRequest {
  const object = readObject(body, 'INVALID_BODY');
  const pinId = (name: string): Uint8Array => readBytes(object, name, pinIdLength, 'INVALID_PIN_ID');
  return {
    ...parseCredentialProof(object),
    ...(member(object, 'oldPinId') === undefined ? {} : { oldPinId: pinId('oldPinId') }),
    newPinId: pinId('newPinId'),
    ...(member(object, 'newPin') === true ? { newPin: true } : {}),
  };
}

/** Enrol a PIN under a new pinId. */
export const pinRoute: Route<ChangePinRequest, undefined> = {
  path: '/pin',
  method: 'POST',
  status: 204,
  format: formatChangePinRequest,
  parse: noBody,
};
