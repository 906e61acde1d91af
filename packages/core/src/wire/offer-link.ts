import { encodeBase64url } from '../base64url.js';
import { publicKeyLength } from '../lengths.js';
import { type DeviceFields, formatDevice, readDevice } from './device.js';
import { type DrawnPin, formatDrawnPin, type JsonWithPin, readDrawnPinId } from './drawn-pin.js';
import { readLinkCode, readLinkId, readLinkNonce } from './link-members.js';
import { readBytes, readObject } from './members.js';
import { type OfferStateResponse, parseOfferStateResponse } from './offer-state.js';
import { formatProofFields, type ProofFields, readProofFields } from './proof-fields.js';
import type { Route } from './route.js';

/** Body of `POST {base}/links/offer`. The proof is by the new key. */
export interface OfferLinkRequest extends ProofFields, DeviceFields, DrawnPin {
  /** 16 bytes in base64url. */
  linkId: string;
  /** Ten characters. */
  code: string;
  /** The new key, 32 bytes (base64url on the wire). */
  publicKey: Uint8Array;
  /** Drawn for this claim only, 32 random bytes (base64url on the wire). */
  nonce: Uint8Array;
}

export function formatOfferLinkRequest(request: OfferLinkRequest): JsonWithPin<OfferLinkRequest> {
  const { linkId, code, publicKey, nonce } = request;
  return {
    linkId,
    code,
    ...formatProofFields(request),
    publicKey: encodeBase64url(publicKey),
    nonce: encodeBase64url(nonce),
    ...formatDrawnPin(request),
    ...formatDevice(request),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseOfferLinkRequest(body: unknown): OfferLinkRequest {
  const object = readObject(body, 'INVALID_BODY');
  const [linkId, code] = [readLinkId(object), readLinkCode(object)];
  const proof = readProofFields(object);
  const publicKey = readBytes(object, 'publicKey', publicKeyLength, 'INVALID_PUBLIC_KEY');
  const nonce = readLinkNonce(object);
  const pinId = readDrawnPinId(object);
  return {
    linkId,
    code,
    ...proof,
    publicKey,
    nonce,
    ...(pinId === undefined ? {} : { pinId }),
    ...readDevice(object),
  };
}

/** Offer a new key to the device that opened the link. */
export const offerLinkRoute: Route<OfferLinkRequest, OfferStateResponse> = {
  path: '/links/offer',
  method: 'POST',
  status: 200,
  format: formatOfferLinkRequest,
  parse: parseOfferStateResponse,
};
