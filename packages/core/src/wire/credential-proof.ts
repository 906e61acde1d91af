import { credentialIdLength } from '../credential-id.js';
import { type JsonOf, readBytesText, readObject } from './members.js';
import { formatProofFields, type ProofFields, readProofFields } from './proof-fields.js';

/** A proof by a credential. Several requests begin with these members. */
export interface CredentialProof extends ProofFields {
  /** 16 bytes in base64url. */
  credentialId: string;
}

export function formatCredentialProof(request: CredentialProof): JsonOf<CredentialProof> {
  return { ...formatProofFields(request), credentialId: request.credentialId };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseCredentialProof(body: unknown): CredentialProof {
  const object = readObject(body, 'INVALID_BODY');
  return {
    ...readProofFields(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
}
