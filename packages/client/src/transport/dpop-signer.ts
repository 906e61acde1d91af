import { calculateThumbprint, generateProof } from 'dpop';
import { decodeBase64url } from '@zkp-auth/core';

/** An access token of this page. */
export interface Access {
  /** The session of the token. */
  sessionId: string;
  token: string;
  tokenType: 'Bearer' | 'DPoP';
  /** The time at which the token expires, by this device's clock at the token's arrival. */
  expiresAtMs: number;
}

/** The session key and the access token of a request. */
export interface Authority {
  keyPair: CryptoKeyPair;
  access: Access;
}

/** The key of one session. Its private half cannot leave the browser, not even to this page's own scripts. */
export interface SessionKey {
  keyPair: CryptoKeyPair;
  /** RFC 7638 thumbprint, 32 bytes. */
  thumbprint: Uint8Array;
}

/** A new P-256 key that cannot be extracted. */
export async function generateSessionKey(): Promise<SessionKey> {
  const keyPair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  return { keyPair, thumbprint: await thumbprintOf(keyPair) };
}

/** RFC 7638 thumbprint, 32 bytes. */
export async function thumbprintOf(keyPair: CryptoKeyPair): Promise<Uint8Array> {
  return decodeBase64url(await calculateThumbprint(keyPair.publicKey)) as Uint8Array;
}

/** A request as DPoP covers it (RFC 9449 section 4.2). */
export interface TargetRequest {
  method: string;
  url: string;
}

/** Signs requests with a session's key, under the newest nonce that the request's server gave. */
export class DpopSigner {
  readonly #nonces = new Map<string, string>();

  /** Take the nonce from an answer that has one. */
  observe(url: string, headers: Headers): void {
    const nonce = headers.get('DPoP-Nonce');
    if (nonce !== null) this.#nonces.set(new URL(url).origin, nonce);
  }

  /** The newest nonce of a server, or `undefined` before the first one. */
  nonceOf(origin: string): string | undefined {
    return this.#nonces.get(origin);
  }

  /** Restore a kept nonce, unless there is a newer one. */
  resume(origin: string, nonce: string | undefined): void {
    if (nonce !== undefined && !this.#nonces.has(origin)) this.#nonces.set(origin, nonce);
  }

  /** The value of the `DPoP` header. */
  async sign({ method, url }: TargetRequest, keyPair: CryptoKeyPair, access?: Access): Promise<string> {
    const { origin, pathname } = new URL(url);
    return generateProof(keyPair, origin + pathname, method, this.#nonces.get(origin), access?.token);
  }
}
