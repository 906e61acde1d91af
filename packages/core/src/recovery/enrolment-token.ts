import { sha256 } from '#sha256';
import { decodeBase64url, encodeBase64url } from '../base64url.js';
import { encodeUtf8, isBytes } from '../bytes.js';
import { enrolmentSecretLength } from '../lengths.js';
import { isValidUserId } from '../user-id.js';
import { ZkpAuthError } from '../zkp-auth-error.js';

/** The content of a token with which an application lets a person enrol a new device. */
export interface EnrolmentToken {
  userId: string;
  /** 32 random bytes. The server keeps only their hash. */
  secret: Uint8Array;
}

/**
 * A token as the application sends it, two parts of base64url with a dot between them (protocol section 12.1). It fits
 * into an address without escapes.
 */
export function formatEnrolmentToken({ userId, secret }: EnrolmentToken): string {
  return `${encodeBase64url(secret)}.${encodeBase64url(encodeUtf8(userId))}`;
}

/**
 * The content of a token that a person pasted or opened.
 *
 * @throws {@link ZkpAuthError} `INVALID_ENROLMENT_TOKEN` for anything else.
 */
export function parseEnrolmentToken(text: string): EnrolmentToken {
  const [first, second, ...more] = typeof text === 'string' ? text.trim().split('.') : [];
  const secret = decodeBase64url(first, enrolmentSecretLength);
  const name = decodeBase64url(second);
  const userId = name && textOf(name);
  if (secret === null || !isValidUserId(userId) || more.length > 0)
    throw new ZkpAuthError('INVALID_ENROLMENT_TOKEN');
  return { userId, secret };
}

/** `null` for bytes that are not UTF-8. A byte order mark stays, and makes no user id. */
function textOf(utf8: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8);
  } catch {
    return null;
  }
}

/** The SHA-256 of a token's secret, 32 bytes. The server finds the grant by it, and the new device proves over it. */
export function enrolmentHashOf(secret: Uint8Array): Uint8Array {
  if (!isBytes(secret) || secret.length !== enrolmentSecretLength)
    throw new TypeError(`secret must be a Uint8Array of ${enrolmentSecretLength} bytes`);
  return sha256(secret);
}
