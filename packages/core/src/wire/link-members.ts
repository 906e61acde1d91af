import { isLinkCode } from '../linking/link-code.js';
import { linkCommitmentLength, linkIdLength, linkNonceLength } from '../lengths.js';
import { type JsonObject, readBytes, readBytesText, readMember } from './members.js';

// Members that several requests of a link have. Each has one code for a bad value.

/** @throws {@link ZkpAuthError} `INVALID_LINK_ID`. */
export function readLinkId(object: JsonObject): string {
  return readBytesText(object, 'linkId', linkIdLength, 'INVALID_LINK_ID');
}

/** Only the one text that stands on the wire. @throws {@link ZkpAuthError} `INVALID_LINK_CODE`. */
export function readLinkCode(object: JsonObject): string {
  return readMember(object, 'code', isLinkCode, 'INVALID_LINK_CODE');
}

/** @throws {@link ZkpAuthError} `INVALID_NONCE`. */
export function readLinkNonce(object: JsonObject): Uint8Array {
  return readBytes(object, 'nonce', linkNonceLength, 'INVALID_NONCE');
}

/** @throws {@link ZkpAuthError} `INVALID_COMMITMENT`. */
export function readLinkCommitment(object: JsonObject): Uint8Array {
  return readBytes(object, 'commitment', linkCommitmentLength, 'INVALID_COMMITMENT');
}
