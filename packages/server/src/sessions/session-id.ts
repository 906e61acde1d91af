import { hash } from 'node:crypto';
import { decodeBase64url, encodeBase64url, sessionIdLength } from '@zkp-auth/core';
import { drawRandom } from '../draw-random.js';

const tagLength = 16;

/** A new session's id, 32 bytes in base64url. It is the tag of its user, then 16 random bytes. */
export function newSessionId(userId: string): string {
  return encodeBase64url(Buffer.concat([tagBytes(userId), drawRandom(sessionIdLength - tagLength)]));
}

/** The characters that the ids of a user's sessions begin with. */
export function sessionIdPrefix(userId: string): string {
  // The tag's last two bits share a character with the next byte.
  return encodeBase64url(tagBytes(userId)).slice(0, 21);
}

/** The tag that begins the ids of a user's sessions, 16 bytes in hex. Stores keep these sessions together by it. */
export function sessionTag(userId: string): string {
  return tagBytes(userId).toString('hex');
}

/** The tag in a session id, or `null` if the text is not a session id. */
export function tagOfSessionId(sessionId: string): string | null {
  const bytes = decodeBase64url(sessionId, sessionIdLength);
  return bytes === null ? null : Buffer.from(bytes.subarray(0, tagLength)).toString('hex');
}

function tagBytes(userId: string): Buffer {
  return hash('sha256', `zkp-auth/session-user${userId}`, 'buffer').subarray(0, tagLength);
}
