import { isPositiveInteger, isString, member, readMember, readObject } from './members.js';

/** Answer of a login, and of a registration. */
export interface SessionResponse {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** The access token. */
  token: string;
  tokenType: 'Bearer';
  /** Lifetime of the access token. */
  expiresInMs: number;
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
    ...(isPositiveInteger(suspected) ? { recordCloneSuspectedAtMs: suspected } : {}),
    ...parseRegistrationResponse(object),
    token: readMember(object, 'token', isString, 'INVALID_RESPONSE'),
    tokenType: readMember(object, 'tokenType', isBearer, 'INVALID_RESPONSE'),
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

function isBearer(value: unknown): value is 'Bearer' {
  return value === 'Bearer';
}
