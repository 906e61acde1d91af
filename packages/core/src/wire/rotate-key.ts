import { encodeBase64url } from '../base64url.js';
import { proofLength, publicKeyLength } from '../lengths.js';
import { type DrawnPin, formatDrawnPin, type JsonWithPin, readDrawnPinId } from './drawn-pin.js';
import { readBytes, readObject } from './members.js';
import { formatCredentialProof, type CredentialProof, parseCredentialProof } from './credential-proof.js';
import type { Route } from './route.js';
import { type NewKeyResponse, parseNewKeyResponse } from './session.js';

/** Body of `POST {base}/rotate-key`. */
export interface RotateKeyRequest extends CredentialProof, DrawnPin {
  /** 32 bytes (base64url on the wire). */
  newPublicKey: Uint8Array;
  /** A proof by the new key over the same challenge and context, 64 bytes (base64url on the wire). */
  newProof: Uint8Array;
}

export function formatRotateKeyRequest(request: RotateKeyRequest): JsonWithPin<RotateKeyRequest> {
  return {
    ...formatCredentialProof(request),
    newPublicKey: encodeBase64url(request.newPublicKey),
    newProof: encodeBase64url(request.newProof),
    ...formatDrawnPin(request),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseRotateKeyRequest(body: unknown): RotateKeyRequest {
  const object = readObject(body, 'INVALID_BODY');
  const pinId = readDrawnPinId(object);
  return {
    ...parseCredentialProof(object),
    newPublicKey: readBytes(object, 'newPublicKey', publicKeyLength, 'INVALID_PUBLIC_KEY'),
    newProof: readBytes(object, 'newProof', proofLength, 'INVALID_PROOF'),
    ...(pinId === undefined ? {} : { pinId }),
  };
}

/** Replace a credential's key. */
export const rotateKeyRoute: Route<RotateKeyRequest, NewKeyResponse> = {
  path: '/rotate-key',
  method: 'POST',
  status: 200,
  format: formatRotateKeyRequest,
  parse: parseNewKeyResponse,
};
