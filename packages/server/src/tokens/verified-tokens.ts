import { hash } from 'node:crypto';
import type { SigningAlgorithm } from '../keys/key-ring.js';
import type { ZkpUser } from './token-issuer.js';

/** What a valid token says, and what has to be looked at again with each use of it. */
export interface VerifiedToken {
  user: Readonly<ZkpUser>;
  /** Of the key that signed it: the RFC 7638 thumbprint, so that an equal one is the same key. */
  kid: string;
  alg: SigningAlgorithm;
  /** The `iat` claim. */
  issuedAtSeconds: number;
  /** When it begins to be valid by `iat` and `nbf`. */
  notBeforeSeconds: number;
  /** The `exp` claim. */
  expiresAtSeconds: number;
}

/** Of each of the two generations. An entry takes about 550 bytes, and more with a long user id. */
const maxPerGeneration = 4_096;

/**
 * The access tokens that this process has issued or verified, so that a signature is verified once, and its own never. Of
 * a token its SHA-256 is kept, with which nobody can sign in. Only tokens that were valid are kept, the 4 096 that were
 * issued or used last for certain and at most twice as many.
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

/** What a token is kept by. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'binary');
}
