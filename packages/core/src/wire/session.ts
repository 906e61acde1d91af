import { credentialIdLength } from '../credential-id.js';
import { refreshTokenLength, sessionIdLength } from '../lengths.js';
import { isValidUserId } from '../user-id.js';
import {
  isCount,
  isMilliseconds,
  type JsonOf,
  member,
  readBytesText,
  readMember,
  readObject,
} from './members.js';

/** Longer than common servers allow for a header. */
const maxTokenCharacters = 16_384;

/** How a person gets back in without the device that they use. */
export interface WaysBack {
  /** The number of further devices that sign in. */
  otherDevices: number;
  /** Whether there is a recovery kit. */
  recoveryKit: boolean;
}

/** Answer of a login and a refresh, and of a registration or key rotation with a session. */
export interface SessionResponse {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** 32 bytes in base64url. */
  sessionId: string;
  /** The access token, at most 16 384 characters of RFC 6750's `b64token`. */
  token: string;
  /** `DPoP` if every request must carry a proof by the session's key (RFC 9449). */
  tokenType: 'Bearer' | 'DPoP';
  /** Lifetime of the access token. */
  expiresInMs: number;
  /** Lifetime of the session without a refresh, in milliseconds. Servers of earlier releases do not send it. */
  sessionExpiresInMs?: number | undefined;
  /** 80 bytes in base64url, if the server does not keep it in a cookie. */
  refreshToken?: string | undefined;
  /**
   * When somebody last used a copy of a key record that its owner had already replaced, milliseconds since 1970.
   * Absent if that never happened.
   */
  recordCloneSuspectedAtMs?: number | undefined;
  /** Present if somebody has tried this PIN so often that the person should choose a new one. */
  newPinDue?: true | undefined;
  /** Only a registration has it. A new user has no way back yet. */
  waysBack?: WaysBack | undefined;
}

/** Answer of a registration or key rotation without a session. */
export interface RegistrationResponse {
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
}

/** Answer of `POST {base}/register` and of `POST {base}/rotate-key`. An answer with a `token` has a session. */
export type NewKeyResponse = SessionResponse | RegistrationResponse;

export function formatSessionResponse(response: SessionResponse): JsonOf<SessionResponse> {
  const { userId, credentialId, sessionId, token, tokenType, expiresInMs } = response;
  const { sessionExpiresInMs, refreshToken, recordCloneSuspectedAtMs, newPinDue, waysBack } = response;
  return {
    userId,
    credentialId,
    sessionId,
    token,
    tokenType,
    expiresInMs,
    sessionExpiresInMs,
    refreshToken,
    recordCloneSuspectedAtMs,
    newPinDue,
    waysBack: waysBack && { otherDevices: waysBack.otherDevices, recoveryKit: waysBack.recoveryKit },
  };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseSessionResponse(body: unknown): SessionResponse {
  const object = readObject(body);
  const suspected = member(object, 'recordCloneSuspectedAtMs');
  const lastsMs = member(object, 'sessionExpiresInMs');
  return {
    ...(isMilliseconds(lastsMs) && { sessionExpiresInMs: lastsMs }),
    ...(member(object, 'refreshToken') !== undefined && {
      refreshToken: readBytesText(object, 'refreshToken', refreshTokenLength),
    }),
    ...(isMilliseconds(suspected) && { recordCloneSuspectedAtMs: suspected }),
    ...(member(object, 'newPinDue') === true && { newPinDue: true }),
    ...readWaysBack(member(object, 'waysBack')),
    ...parseRegistrationResponse(object),
    sessionId: readBytesText(object, 'sessionId', sessionIdLength),
    token: readMember(object, 'token', isToken),
    tokenType: readMember(object, 'tokenType', isTokenType),
    expiresInMs: readMember(object, 'expiresInMs', isMilliseconds),
  };
}

export function formatRegistrationResponse(response: RegistrationResponse): JsonOf<RegistrationResponse> {
  const { userId, credentialId } = response;
  return { userId, credentialId };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseRegistrationResponse(body: unknown): RegistrationResponse {
  const object = readObject(body);
  return {
    userId: readMember(object, 'userId', isValidUserId),
    credentialId: readBytesText(object, 'credentialId', credentialIdLength),
  };
}

export function formatNewKeyResponse(response: NewKeyResponse): JsonOf<NewKeyResponse> {
  return 'token' in response ? formatSessionResponse(response) : formatRegistrationResponse(response);
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseNewKeyResponse(body: unknown): NewKeyResponse {
  const hasSession = member(readObject(body), 'token') !== undefined;
  return hasSession ? parseSessionResponse(body) : parseRegistrationResponse(body);
}

/** The form of a token in an `Authorization` header (RFC 6750 section 2.1). */
/** Anything else in its place is left out, because no sign-in depends on it. */
function readWaysBack(value: unknown): { waysBack?: WaysBack } {
  if (typeof value !== 'object' || value === null) return {};
  const { otherDevices, recoveryKit } = value as Record<string, unknown>;
  if (!isCount(otherDevices) || typeof recoveryKit !== 'boolean') return {};
  return { waysBack: { otherDevices, recoveryKit } };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxTokenCharacters && /^[\w.~+/-]+=*$/.test(value);
}

function isTokenType(value: unknown): value is SessionResponse['tokenType'] {
  return value === 'Bearer' || value === 'DPoP';
}
