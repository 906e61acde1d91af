import { decodeBase64url, encodeBase64url } from '#base64url';

export { decodeBase64url, encodeBase64url };

/** Strict decoder of standard base64 with padding. */
export function decodeBase64(text: unknown, length: number): Uint8Array | null {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  return decodeBase64url(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'), length);
}
