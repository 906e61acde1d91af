import type { Purpose } from '../bound-message.js';
import { credentialIdLength } from '../credential-id.js';
import { ZkpAuthError } from '../errors.js';
import { challengeIdLength, challengeLength } from '../generate-challenge.js';
import { isValidUserId } from '../user-id.js';
import { isPositiveInteger, member, readBytes, readBytesText, readMember, readObject } from './members.js';

/** Body of `POST {base}/challenge`. */
export interface ChallengeRequest {
  purpose: Purpose;
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
}

/** Its answer. */
export interface ChallengeResponse {
  /** 16 bytes in base64url. */
  challengeId: string;
  /** 32 bytes; base64url on the wire. */
  challenge: Uint8Array;
  expiresInMs: number;
}

/**
 * @param purposes those that the server answers.
 * @throws {@link ZkpAuthError} `INVALID_BODY`, or the code that names the first bad member.
 */
export function parseChallengeRequest(body: unknown, purposes: readonly Purpose[]): ChallengeRequest {
  const object = readObject(body, 'INVALID_BODY');
  const isPurpose = (value: unknown): value is Purpose => purposes.includes(value as Purpose);
  const request = {
    purpose: readMember(object, 'purpose', isPurpose, 'INVALID_PURPOSE'),
    userId: readMember(object, 'userId', isValidUserId, 'INVALID_USER_ID'),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
  if (member(object, 'pin') !== undefined) throw new ZkpAuthError('PIN_ASSISTANCE_UNSUPPORTED');
  return request;
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseChallengeResponse(body: unknown): ChallengeResponse {
  const object = readObject(body, 'INVALID_RESPONSE');
  return {
    challengeId: readBytesText(object, 'challengeId', challengeIdLength, 'INVALID_RESPONSE'),
    challenge: readBytes(object, 'challenge', challengeLength, 'INVALID_RESPONSE'),
    expiresInMs: readMember(object, 'expiresInMs', isPositiveInteger, 'INVALID_RESPONSE'),
  };
}
