import { refreshTokenLength, sessionIdLength } from '../lengths.js';
import { isPositiveInteger, isString, member, readBytesText, readMember, readObject } from './members.js';

/** Answer of a login, a registration, a refresh and a key rotation. */
export interface SessionResponse {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** 32 bytes in base64url. */
  sessionId: string;
  /** The access token. */
  token: string;
  /** `DPoP` where every request has to carry a proof by the session's key (RFC 9449). */
  tokenType: 'Bearer' | 'DPoP';
  /** Lifetime of the access token. */
  expiresInMs: number;
  /** Where the server does not keep it in a cookie; 80 bytes in base64url. */
  refreshToken?: string;
  /**
   * When somebody last used a copy of a key record that its owner had already replaced, milliseconds since 1970.
   * Absent where that never happened.
   */
  recordCloneSuspectedAtMs?: number;
}

/** Answer of a registration on a server that issues no session for it. */
export interface RegistrationResponse {
  userId: string;
  credentialId: string;
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseSessionResponse(body: unknown): SessionResponse {
  const object = readObject(body, 'INVALID_RESPONSE');
  const suspected = member(object, 'recordCloneSuspectedAtMs');
  return {
    ...(member(object, 'refreshToken') === undefined
      ? {}
      : { refreshToken: readBytesText(object, 'refreshToken', refreshTokenLength, 'INVALID_RESPONSE') }),
    ...(isPositiveInteger(suspected) ? { recordCloneSuspectedAtMs: suspected } : {}),
    ...parseRegistrationResponse(object),
    sessionId: readBytesText(object, 'sessionId', sessionIdLength, 'INVALID_RESPONSE'),
    token: readMember(object, 'token', isString, 'INVALID_RESPONSE'),
    tokenType: readMember(object, 'tokenType', isTokenType, 'INVALID_RESPONSE'),
    expiresInMs: readMember(object, 'expiresInMs', isPositiveInteger, 'INVALID_RESPONSE'),
  };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseRegistrationResponse(body: unknown): RegistrationResponse {
  const object = readObject(body, 'INVALID_RESPONSE');
  return {
    userId: readMember(object, 'userId', isString, 'INVALID_RESPONSE'),
    credentialId: readMember(object, 'credentialId', isString, 'INVALID_RESPONSE'),
  };
}

function isTokenType(value: unknown): value is SessionResponse['tokenType'] {
  return value === 'Bearer' || value === 'DPoP';
}
