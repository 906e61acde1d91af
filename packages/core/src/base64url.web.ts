import { strictBase64url } from './strict-base64url.js';

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/**
 * Strict inverse of {@link encodeBase64url}: no padding, no other alphabet, no non-zero trailing bits.
 *
 * @param length how many bytes there must be. Default any number.
 * @returns the bytes, or `null` if the value is not such an encoding.
 */
export function decodeBase64url(text: unknown, length?: number): Uint8Array | null {
  if (typeof text !== 'string' || !strictBase64url.test(text)) return null;
  if (length !== undefined && text.length !== Math.ceil((length * 4) / 3)) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
