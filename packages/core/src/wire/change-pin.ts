import { credentialIdLength } from '../credential-id.js';
import { pinIdLength } from '../lengths.js';
import { member, readBytes, readBytesText, readObject } from './members.js';
import { type ProofFields, readProofFields } from './proof-fields.js';

/** Body of `POST {base}/pin`. */
export interface ChangePinRequest extends ProofFields {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** The one to retire, 16 bytes; base64url on the wire. */
  oldPinId?: Uint8Array;
  /** The one that the server drew with this challenge, 16 bytes; base64url on the wire. */
  newPinId: Uint8Array;
  /** Whether the person chose a new PIN; left out by a renewal. Without it the server counts tries at the old PIN on. */
  newPin?: true;
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseChangePinRequest(body: unknown): ChangePinRequest {
  const object = readObject(body, 'INVALID_BODY');
  const pinId = (name: string): Uint8Array => readBytes(object, name, pinIdLength, 'INVALID_PIN_ID');
  return {
    ...readProofFields(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
    ...(member(object, 'oldPinId') === undefined ? {} : { oldPinId: pinId('oldPinId') }),
    newPinId: pinId('newPinId'),
    ...(member(object, 'newPin') === true ? { newPin: true } : {}),
  };
}
