import { strictBase64url } from './strict-base64url.js';

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** Strict base64url decoding, as in the build for browsers, by Node's own decoder. */
export function decodeBase64url(text: unknown, length?: number): Uint8Array | null {
  if (typeof text !== 'string' || !strictBase64url.test(text)) return null;
  if (length !== undefined && text.length !== Math.ceil((length * 4) / 3)) return null;
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
