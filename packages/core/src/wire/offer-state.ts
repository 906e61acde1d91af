import { encodeBase64url } from '../base64url.js';
import { credentialIdLength } from '../credential-id.js';
import { linkNonceLength } from '../lengths.js';
import { type EndedLink, isLinkEnd } from './link-end.js';
import { readLinkCode, readLinkId } from './link-members.js';
import {
  isMilliseconds,
  type JsonOf,
  member,
  readBytes,
  readBytesText,
  readMember,
  readObject,
} from './members.js';
import { ZkpAuthError } from '../zkp-auth-error.js';
import type { Route } from './route.js';

/** Body of `POST {base}/links/offer/state`. */
export interface OfferStateRequest {
  /** 16 bytes in base64url. */
  linkId: string;
  /** Ten characters. */
  code: string;
  /** The key that was offered, 16 bytes in base64url. */
  credentialId: string;
}

/** Answer of `POST {base}/links/offer` and of `POST {base}/links/offer/state`, the link as the new device sees it. */
export type OfferStateResponse =
  | { state: 'offered'; expiresInMs: number }
  | {
      state: 'revealed';
      expiresInMs: number;
      /** The nonce of the device that opened the link, 32 bytes (base64url on the wire). */
      nonce: Uint8Array;
    }
  | EndedLink;

export function formatOfferStateRequest({
  linkId,
  code,
  credentialId,
}: OfferStateRequest): JsonOf<OfferStateRequest> {
  return { linkId, code, credentialId };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseOfferStateRequest(body: unknown): OfferStateRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    linkId: readLinkId(object),
    code: readLinkCode(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
}

export function formatOfferStateResponse(response: OfferStateResponse): JsonOf<OfferStateResponse> {
  const { state } = response;
  if (state === 'offered') return { state, expiresInMs: response.expiresInMs };
  if (state !== 'revealed') return { state };
  return { state, expiresInMs: response.expiresInMs, nonce: encodeBase64url(response.nonce) };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseOfferStateResponse(body: unknown): OfferStateResponse {
  const object = readObject(body);
  const state = member(object, 'state');
  if (isLinkEnd(state)) return { state };
  if (state !== 'offered' && state !== 'revealed') throw new ZkpAuthError('INVALID_RESPONSE');
  const expiresInMs = readMember(object, 'expiresInMs', isMilliseconds);
  if (state === 'offered') return { state, expiresInMs };
  return { state, expiresInMs, nonce: readBytes(object, 'nonce', linkNonceLength) };
}

/** Read the link of an offer, on the new device. */
export const offerStateRoute: Route<OfferStateRequest, OfferStateResponse> = {
  path: '/links/offer/state',
  method: 'POST',
  status: 200,
  format: formatOfferStateRequest,
  parse: parseOfferStateResponse,
};
