import { encodeBase64url } from '../base64url.js';
import { linkNonceLength, pinHashLength, publicKeyLength } from '../lengths.js';
import { ZkpAuthError } from '../zkp-auth-error.js';
import { isDeviceName } from './device.js';
import { type EndedLink, isLinkEnd } from './link-end.js';
import {
  isMilliseconds,
  type JsonObject,
  type JsonOf,
  member,
  optionalText,
  readBytes,
  readMember,
  readObject,
} from './members.js';
import { noBody, type Route } from './route.js';

/** A link to which a new device has offered its key, as the device that opened it sees it. */
export interface OfferedLink {
  state: 'offered' | 'revealed';
  /** Until the link expires. */
  expiresInMs: number;
  /** The new key, 32 bytes (base64url on the wire). */
  publicKey: Uint8Array;
  /** SHA-256 of the new key's pinId, 32 bytes (base64url on the wire). Absent if it has no PIN with the server's help. */
  pinHash?: Uint8Array | undefined;
  /** The nonce of the new device, 32 bytes (base64url on the wire). */
  nonce: Uint8Array;
  /** The name that the new device gives itself, or `null`. No proof covers it. */
  deviceName: string | null;
}

/** Answer of `GET {base}/links/{linkId}`. */
export type ReadLinkResponse = { state: 'open'; expiresInMs: number } | OfferedLink | EndedLink;

export function formatReadLinkResponse(response: ReadLinkResponse): JsonOf<ReadLinkResponse> {
  const { state } = response;
  if (state === 'open') return { state, expiresInMs: response.expiresInMs };
  if (state !== 'offered' && state !== 'revealed') return { state };
  const { expiresInMs, publicKey, pinHash, nonce, deviceName } = response;
  return {
    state,
    expiresInMs,
    publicKey: encodeBase64url(publicKey),
    pinHash: optionalText(pinHash),
    nonce: encodeBase64url(nonce),
    deviceName,
  };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseReadLinkResponse(body: unknown): ReadLinkResponse {
  const object = readObject(body);
  const state = member(object, 'state');
  if (isLinkEnd(state)) return { state };
  if (state === 'open') return { state, expiresInMs: readMember(object, 'expiresInMs', isMilliseconds) };
  if (state !== 'offered' && state !== 'revealed') throw new ZkpAuthError('INVALID_RESPONSE');
  return readOffer(object, state);
}

function readOffer(object: JsonObject, state: OfferedLink['state']): OfferedLink {
  const deviceName = member(object, 'deviceName');
  return {
    state,
    expiresInMs: readMember(object, 'expiresInMs', isMilliseconds),
    publicKey: readBytes(object, 'publicKey', publicKeyLength),
    ...(member(object, 'pinHash') === undefined
      ? {}
      : { pinHash: readBytes(object, 'pinHash', pinHashLength) }),
    nonce: readBytes(object, 'nonce', linkNonceLength),
    deviceName: isDeviceName(deviceName) ? deviceName : null,
  };
}

/** Read a link, on the device that opened it. */
export const readLinkRoute: Route<undefined, ReadLinkResponse> = {
  path: '/links/{linkId}',
  method: 'GET',
  status: 200,
  format: noBody,
  parse: parseReadLinkResponse,
};
