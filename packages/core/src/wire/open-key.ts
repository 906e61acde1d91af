import { credentialIdLength } from '../credential-id.js';
import { type JsonOf, readBytesText, readObject } from './members.js';
import { formatProofFields, type ProofFields, readProofFields } from './proof-fields.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/open-key`, a proof by a credential and nothing else. */
export interface OpenKeyRequest extends ProofFields {
  /** 16 bytes in base64url. */
  credentialId: string;
}

export function formatOpenKeyRequest(request: OpenKeyRequest): JsonOf<OpenKeyRequest> {
  return { ...formatProofFields(request), credentialId: request.credentialId };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseOpenKeyRequest(body: unknown): OpenKeyRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    ...readProofFields(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
}

/** Confirm that a credential's key is opened to be changed. */
export const openKeyRoute: Route<OpenKeyRequest, undefined> = {
  path: '/open-key',
  method: 'POST',
  status: 204,
  format: formatOpenKeyRequest,
  parse: noBody,
};
