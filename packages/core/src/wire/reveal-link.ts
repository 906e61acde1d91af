import { encodeBase64url } from '../base64url.js';
import { readLinkNonce } from './link-members.js';
import { type JsonOf, readObject } from './members.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/links/{linkId}/reveal`. */
export interface RevealLinkRequest {
  /** The nonce that the link's commitment is to, 32 bytes (base64url on the wire). */
  nonce: Uint8Array;
}

export function formatRevealLinkRequest({ nonce }: RevealLinkRequest): JsonOf<RevealLinkRequest> {
  return { nonce: encodeBase64url(nonce) };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_NONCE`. */
export function parseRevealLinkRequest(body: unknown): RevealLinkRequest {
  return { nonce: readLinkNonce(readObject(body, 'INVALID_BODY')) };
}

/** Reveal the nonce of the device that opened the link. */
export const revealLinkRoute: Route<RevealLinkRequest, undefined> = {
  path: '/links/{linkId}/reveal',
  method: 'POST',
  status: 204,
  format: formatRevealLinkRequest,
  parse: noBody,
};
