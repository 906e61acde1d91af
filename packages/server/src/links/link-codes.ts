import { constantTimeEqual, encodeBase64url, encodeUtf8 } from '@zkp-auth/core';
import { hmacSha256 } from '../hmac-sha256.js';
import type { SessionKeys } from '../sessions/session-keys.js';

/**
 * The codes of links, as stores keep them: an HMAC under a key of the ring. A code has 50 bits, which its hash alone
 * would give away.
 */
export class LinkCodes {
  readonly #keys: () => readonly SessionKeys[];

  constructor(keys: () => readonly SessionKeys[]) {
    this.#keys = keys;
  }

  /** The hash of a new code, in base64url. */
  hashOf(code: string): string {
    return this.hashesOf(code)[0] as string;
  }

  /** The hashes of a code under each key of the ring. */
  hashesOf(code: string): string[] {
    const bytes = encodeUtf8(code);
    return this.#keys().map(({ linkCode }) => encodeBase64url(hmacSha256(linkCode, bytes)));
  }

  /** Whether a hash is of this code. */
  isOf(codeHash: string, code: string): boolean {
    const kept = encodeUtf8(codeHash);
    return this.hashesOf(code).some((hash) => constantTimeEqual(encodeUtf8(hash), kept));
  }
}
