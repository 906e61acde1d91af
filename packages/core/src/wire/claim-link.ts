import { encodeBase64url } from '../base64url.js';
import { credentialIdLength } from '../credential-id.js';
import { linkCommitmentLength, linkIdLength, publicKeyLength } from '../lengths.js';
import { isValidUserId } from '../user-id.js';
import { ZkpAuthError } from '../zkp-auth-error.js';
import {
  type ChallengeResponse,
  elementLength,
  formatChallengeResponse,
  parseChallengeResponse,
} from './challenge.js';
import { readLinkCode } from './link-members.js';
import {
  type JsonObject,
  type JsonOf,
  member,
  readBytes,
  readBytesText,
  readMember,
  readObject,
} from './members.js';
import type { Route } from './route.js';

/** Body of `POST {base}/links/claim`. */
export interface ClaimLinkRequest {
  /** Ten characters, as {@link normalizeLinkCode} gives them. */
  code: string;
  /** The key that this device made, 16 bytes in base64url. */
  credentialId: string;
  /** A blinded PIN. The server always evaluates it under a new pinId. */
  pin?: { blinded: Uint8Array } | undefined;
}

/** Answer of `POST {base}/links/claim`. Its challenge lives as long as the link. */
export interface ClaimLinkResponse extends ChallengeResponse {
  /** 16 bytes in base64url. */
  linkId: string;
  /** The user whom this device will sign in. */
  userId: string;
  /** The key of the device that opened the link, 32 bytes (base64url on the wire). */
  publicKey: Uint8Array;
  /** The commitment of that device, 32 bytes (base64url on the wire). */
  commitment: Uint8Array;
}

export function formatClaimLinkRequest({
  code,
  credentialId,
  pin,
}: ClaimLinkRequest): JsonOf<ClaimLinkRequest> {
  return { code, credentialId, pin: pin && { blinded: encodeBase64url(pin.blinded) } };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member. */
export function parseClaimLinkRequest(body: unknown): ClaimLinkRequest {
  const object = readObject(body, 'INVALID_BODY');
  const request: ClaimLinkRequest = {
    code: readLinkCode(object),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
  const pin = member(object, 'pin');
  if (pin !== undefined) request.pin = readNewPin(readObject(pin, 'INVALID_BLINDED'));
  return request;
}

/** A claim asks about no enrolled pin, so that it takes nobody's try. */
function readNewPin(pin: JsonObject): { blinded: Uint8Array } {
  const blinded = readBytes(pin, 'blinded', elementLength, 'INVALID_BLINDED');
  if (member(pin, 'id') !== undefined) throw new ZkpAuthError('INVALID_PIN_ID');
  return { blinded };
}

export function formatClaimLinkResponse(response: ClaimLinkResponse): JsonOf<ClaimLinkResponse> {
  const { linkId, userId, publicKey, commitment } = response;
  return {
    linkId,
    userId,
    publicKey: encodeBase64url(publicKey),
    commitment: encodeBase64url(commitment),
    ...formatChallengeResponse(response),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseClaimLinkResponse(body: unknown): ClaimLinkResponse {
  const object = readObject(body);
  return {
    linkId: readBytesText(object, 'linkId', linkIdLength),
    userId: readMember(object, 'userId', isValidUserId),
    publicKey: readBytes(object, 'publicKey', publicKeyLength),
    commitment: readBytes(object, 'commitment', linkCommitmentLength),
    ...parseChallengeResponse(object),
  };
}

/** Ask about a link by its code, on the new device. */
export const claimLinkRoute: Route<ClaimLinkRequest, ClaimLinkResponse> = {
  path: '/links/claim',
  method: 'POST',
  status: 200,
  format: formatClaimLinkRequest,
  parse: parseClaimLinkResponse,
};
