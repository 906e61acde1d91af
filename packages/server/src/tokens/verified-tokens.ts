import { hash } from 'node:crypto';
import type { SigningAlgorithm } from '../keys/key-ring.js';
import type { ZkpUser } from './token-issuer.js';

/** The content of a valid token, and the members that each use checks again. */
export interface VerifiedToken {
  user: Readonly<ZkpUser>;
  /** RFC 7638 thumbprint of the key that signed it, so that an equal `kid` means the same key. */
  kid: string;
  alg: SigningAlgorithm;
  /** The `iat` claim. */
  issuedAtSeconds: number;
  /** When it begins to be valid, by `iat` and `nbf`. */
  notBeforeSeconds: number;
  /** The `exp` claim. */
  expiresAtSeconds: number;
}

/** For each of the two generations. An entry takes about 550 bytes, and more with a long user id. */
const maxPerGeneration = 4_096;

/**
 * The access tokens that this process has issued or verified, so that it verifies a signature once, and its own
 * never. It keeps a token's SHA-256, with which nobody can sign in. Only valid tokens are kept. The last 4 096 issued
 * or used ones are kept for certain, and at most twice as many.
 */
export class VerifiedTokens {
  #recent = new Map<string, VerifiedToken>();
  #older = new Map<string, VerifiedToken>();

  find(digest: string): VerifiedToken | undefined {
    const recent = this.#recent.get(digest);
    if (recent !== undefined) return recent;
    const older = this.#older.get(digest);
    if (older !== undefined) this.keep(digest, older);
    return older;
  }

  keep(digest: string, verified: VerifiedToken): void {
    if (this.#recent.size >= maxPerGeneration) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(digest, verified);
  }

  forget(digest: string): void {
    this.#recent.delete(digest);
    this.#older.delete(digest);
  }
}

/** The key of a token's entry. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'binary');
}
