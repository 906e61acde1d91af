import { encodeBase64url } from '../base64url.js';
import { randomBytes } from '../random.js';

/**
 * The header that names a request. The server repeats it. An answer without it, or with another id, comes from a
 * cache, a proxy or a page, and not from the server (protocol section 4.1).
 */
export const requestIdHeader = 'ZKP-Request-Id';

const requestIdLength = 16;
const requestId = /^[\w-]{16,64}$/;

/** A new id, 16 random bytes in base64url. */
export function newRequestId(): string {
  return encodeBase64url(randomBytes(requestIdLength));
}

/** Whether a server repeats this text. It must have 16 to 64 characters of base64url. */
export function isRequestId(text: unknown): text is string {
  return typeof text === 'string' && requestId.test(text);
}
