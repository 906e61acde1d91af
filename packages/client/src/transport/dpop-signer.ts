import { generateProof } from 'dpop';
import type { Access } from './access.js';

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
