import { encodeBase64url } from '../base64url.js';
import { proofLength, publicKeyLength } from '../lengths.js';
import { type JsonOf, readBytes, readObject } from './members.js';
import { formatOpenKeyRequest, type OpenKeyRequest, parseOpenKeyRequest } from './open-key.js';
import type { Route } from './route.js';
import { parseRegistrationResponse, type RegistrationResponse } from './session.js';

/** Body of `POST {base}/kit`. `proof` is by the device that makes the kit. */
export interface MakeKitRequest extends OpenKeyRequest {
  /** The key of the new kit, 32 bytes (base64url on the wire). */
  newPublicKey: Uint8Array;
  /** A proof by the new key over the same challenge and context, 64 bytes (base64url on the wire). */
  newProof: Uint8Array;
}

export function formatMakeKitRequest(request: MakeKitRequest): JsonOf<MakeKitRequest> {
  return {
    ...formatOpenKeyRequest(request),
    newPublicKey: encodeBase64url(request.newPublicKey),
    newProof: encodeBase64url(request.newProof),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseMakeKitRequest(body: unknown): MakeKitRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    ...parseOpenKeyRequest(object),
    newPublicKey: readBytes(object, 'newPublicKey', publicKeyLength, 'INVALID_PUBLIC_KEY'),
    newProof: readBytes(object, 'newProof', proofLength, 'INVALID_PROOF'),
  };
}

/** Make a recovery kit, in the place of the former one. The answer names the kit's credential. */
export const makeKitRoute: Route<MakeKitRequest, RegistrationResponse> = {
  path: '/kit',
  method: 'POST',
  status: 201,
  format: formatMakeKitRequest,
  parse: parseRegistrationResponse,
};
