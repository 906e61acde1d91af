import { encodeBase64url } from '../base64url.js';
import { proofLength, refreshTokenLength, sessionKeyLength } from '../lengths.js';
import { challengeIdLength } from '../generate-challenge.js';
import { isValidOrigin } from '../origin.js';
import { isValidUserId } from '../user-id.js';
import {
  type JsonObject,
  type JsonOf,
  member,
  optionalText,
  readBytes,
  readBytesText,
  readMember,
} from './members.js';

/** The members of every request that carries a proof. */
export interface ProofFields {
  userId: string;
  /** 16 bytes in base64url. */
  challengeId: string;
  origin: string;
  audience: string;
  /** 64 bytes (base64url on the wire). */
  proof: Uint8Array;
}

export function formatProofFields({
  userId,
  challengeId,
  origin,
  audience,
  proof,
}: ProofFields): JsonOf<ProofFields> {
  return { userId, challengeId, origin, audience, proof: encodeBase64url(proof) };
}

/** @throws {@link ZkpAuthError} with the code that names the first bad member. */
export function readProofFields(object: JsonObject): ProofFields {
  return {
    userId: readMember(object, 'userId', isValidUserId, 'INVALID_USER_ID'),
    challengeId: readBytesText(object, 'challengeId', challengeIdLength, 'INVALID_CHALLENGE_ID'),
    origin: readMember(object, 'origin', isValidOrigin, 'INVALID_ORIGIN'),
    audience: readMember(object, 'audience', isValidOrigin, 'INVALID_AUDIENCE'),
    proof: readBytes(object, 'proof', proofLength, 'INVALID_PROOF'),
  };
}

/** The members that describe the session that a request begins. */
export interface SessionStartFields {
  /** Thumbprint of the key that the session will be bound to, 32 bytes (base64url on the wire). */
  sessionKey?: Uint8Array | undefined;
  /** Refresh token of the session that the new one replaces, if it is not in a cookie. 80 bytes in base64url. */
  refreshToken?: string | undefined;
}

export function formatSessionStart({
  refreshToken,
  sessionKey,
}: SessionStartFields): JsonOf<SessionStartFields> {
  return { refreshToken, sessionKey: optionalText(sessionKey) };
}

/** @throws {@link ZkpAuthError} `INVALID_SESSION_KEY`, `INVALID_REFRESH_TOKEN`. */
export function readSessionStart(object: JsonObject): SessionStartFields {
  const fields: SessionStartFields = readRefreshToken(object);
  if (member(object, 'sessionKey') !== undefined) {
    fields.sessionKey = readBytes(object, 'sessionKey', sessionKeyLength, 'INVALID_SESSION_KEY');
  }
  return fields;
}

/** @throws {@link ZkpAuthError} `INVALID_REFRESH_TOKEN`. */
export function readRefreshToken(object: JsonObject): { refreshToken?: string } {
  if (member(object, 'refreshToken') === undefined) return {};
  return {
    refreshToken: readBytesText(object, 'refreshToken', refreshTokenLength, 'INVALID_REFRESH_TOKEN'),
  };
}
