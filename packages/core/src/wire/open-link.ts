import { encodeBase64url } from '../base64url.js';
import { isLinkCode } from '../linking/link-code.js';
import { linkIdLength } from '../lengths.js';
import { readLinkCommitment } from './link-members.js';
import { isMilliseconds, type JsonOf, readBytesText, readMember, readObject } from './members.js';
import type { Route } from './route.js';

/** Body of `POST {base}/links`. */
export interface OpenLinkRequest {
  /** From {@link linkCommitment}, 32 bytes (base64url on the wire). */
  commitment: Uint8Array;
}

/** Answer of `POST {base}/links`. */
export interface OpenLinkResponse {
  /** 16 bytes in base64url. */
  linkId: string;
  /** Ten characters of Crockford's base 32, for the person to take to the other device. */
  code: string;
  /** Lifetime of the link. */
  expiresInMs: number;
}

export function formatOpenLinkRequest({ commitment }: OpenLinkRequest): JsonOf<OpenLinkRequest> {
  return { commitment: encodeBase64url(commitment) };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_COMMITMENT`. */
export function parseOpenLinkRequest(body: unknown): OpenLinkRequest {
  return { commitment: readLinkCommitment(readObject(body, 'INVALID_BODY')) };
}

export function formatOpenLinkResponse({
  linkId,
  code,
  expiresInMs,
}: OpenLinkResponse): JsonOf<OpenLinkResponse> {
  return { linkId, code, expiresInMs };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseOpenLinkResponse(body: unknown): OpenLinkResponse {
  const object = readObject(body);
  return {
    linkId: readBytesText(object, 'linkId', linkIdLength),
    code: readMember(object, 'code', isLinkCode),
    expiresInMs: readMember(object, 'expiresInMs', isMilliseconds),
  };
}

/** Open a link for a new device. */
export const openLinkRoute: Route<OpenLinkRequest, OpenLinkResponse> = {
  path: '/links',
  method: 'POST',
  status: 201,
  format: formatOpenLinkRequest,
  parse: parseOpenLinkResponse,
};
