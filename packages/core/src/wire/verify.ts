import { credentialIdLength } from '../credential-id.js';
import { readBytesText, readObject } from './members.js';
import {
  type ProofFields,
  readProofFields,
  readSessionStart,
  type SessionStartFields,
} from './proof-fields.js';

/** Body of `POST {base}/verify`. */
export interface VerifyRequest extends ProofFields, SessionStartFields {
  /** 16 bytes in base64url. */
  credentialId: string;
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseVerifyRequest(body: unknown): VerifyRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    ...readProofFields(object),
    ...readSessionStart(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
}
