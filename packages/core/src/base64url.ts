import { base64urlnopad } from '@scure/base';

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/**
 * Strict inverse of {@link encodeBase64url}: no padding, no other alphabet, no non-zero trailing bits.
 *
 * @param length how many bytes there must be; any number where it is left out.
 * @returns the bytes, or `null` where the value is not such an encoding.
 */
export function decodeBase64url(text: unknown, length?: number): Uint8Array | null {
  if (typeof text !== 'string') return null;
  if (length !== undefined && text.length !== Math.ceil((length * 4) / 3)) return null;
  try {
    return base64urlnopad.decode(text);
  } catch {
    return null;
  }
}
