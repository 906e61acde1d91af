import { credentialIdLength } from '../credential-id.js';
import { proofLength, publicKeyLength } from '../lengths.js';
import { readBytes, readBytesText, readObject } from './members.js';
import { type ProofFields, readProofFields } from './proof-fields.js';
import { readDrawnPinId } from './register.js';

/** Body of `POST {base}/rotate-key`. */
export interface RotateKeyRequest extends ProofFields {
  /** Of the old key, 16 bytes in base64url. */
  credentialId: string;
  /** 32 bytes; base64url on the wire. */
  newPublicKey: Uint8Array;
  /** A proof by the new key over the same challenge and context, 64 bytes; base64url on the wire. */
  newProof: Uint8Array;
  /** The pinId that the server drew with this challenge, 16 bytes. */
  pinId?: Uint8Array;
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseRotateKeyRequest(body: unknown): RotateKeyRequest {
  const object = readObject(body, 'INVALID_BODY');
  const pinId = readDrawnPinId(object);
  return {
    ...readProofFields(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
    newPublicKey: readBytes(object, 'newPublicKey', publicKeyLength, 'INVALID_PUBLIC_KEY'),
    newProof: readBytes(object, 'newProof', proofLength, 'INVALID_PROOF'),
    ...(pinId === undefined ? {} : { pinId }),
  };
}
