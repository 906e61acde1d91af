import { hash } from 'node:crypto';
import { constantTimeEqual, decodeBase64url, refreshTokenLength, sessionIdLength } from '@zkp-auth/core';
import { maxSpentTokens } from '../stores/spent-tokens.js';
import { drawRandom } from '../draw-random.js';
import { hmacSha256 } from '../hmac-sha256.js';
import type { SessionKeys } from './session-keys.js';

/** A refresh token as the client gets it. */
export interface RefreshToken {
  /** 80 bytes in base64url. */
  text: string;
  /** SHA-256 of its secret in base64url. Stores keep this hash. */
  hash: string;
}

/** A refresh token with `sessionId ‖ secret`, 64 bytes. */
type MadeToken = RefreshToken & { head: Uint8Array };

/** A presented refresh token that this server made at some time. */
export interface PresentedToken {
  sessionId: string;
  hash: string;
  /** `sessionId ‖ secret`, 64 bytes. */
  head: Uint8Array;
}

const secretLength = 32;
const macLength = 16;
const headLength = sessionIdLength + secretLength;
/** This many tokens may be skipped in a row, and as many be spent before a browser has kept the newest. */
const maxSteps = 2 * maxSpentTokens;
const maxPaths = 64;

/**
 * Refresh tokens of the form `sessionId ‖ secret ‖ mac`. The MAC tells a genuine old token from garbage, so knowing
 * a session's id is not enough to end it. The secret of a successor is derived from its predecessor, so it can be
 * given again without being stored.
 */
export class RefreshTokens {
  readonly #keys: () => readonly SessionKeys[];

  constructor(keys: () => readonly SessionKeys[]) {
    this.#keys = keys;
  }

  /** The first token of a session. */
  first(sessionId: string): RefreshToken {
    return tokenOf(this.#keys()[0] as SessionKeys, sessionId, drawRandom(secretLength));
  }

  /** The token of this text if this server made it, else `null`. */
  read(text: string): PresentedToken | null {
    const bytes = decodeBase64url(text, refreshTokenLength);
    if (bytes === null) return null;
    const head = bytes.subarray(0, headLength);
    const mac = bytes.subarray(headLength);
    if (!this.#keys().some((keys) => constantTimeEqual(mac, macOf(keys, head)))) return null;
    return {
      sessionId: Buffer.from(head.subarray(0, sessionIdLength)).toString('base64url'),
      hash: hashOf(head),
      head,
    };
  }

  /** The token that replaces another. */
  successorOf({ sessionId, head }: PresentedToken): RefreshToken {
    return successor(this.#keys()[0] as SessionKeys, sessionId, head);
  }

  /**
   * The token with this hash among the successors of a token, and its distance in steps. Each successor may be made
   * under any secret of the ring. If there are too many paths to look at, the later steps of a path stay under one
   * secret.
   */
  followerWithHash(
    { sessionId, head }: PresentedToken,
    wanted: string,
  ): { token: RefreshToken; steps: number } | undefined {
    const ring = this.#keys();
    let paths = ring.map((keys) => ({ keys, token: successor(keys, sessionId, head) }));
    for (let steps = 1; steps <= maxSteps; steps++) {
      const found = paths.find(({ token }) => token.hash === wanted);
      if (found !== undefined) return { token: found.token, steps };
      const isWide = paths.length * ring.length > maxPaths;
      paths = paths.flatMap(({ keys: last, token }) =>
        (isWide ? [last] : ring).map((keys) => ({
          keys,
          token: successor(keys, sessionId, token.head),
        })),
      );
    }
    return undefined;
  }
}

function successor(keys: SessionKeys, sessionId: string, head: Uint8Array): MadeToken {
  return tokenOf(keys, sessionId, hmacSha256(keys.next, head));
}

function tokenOf(keys: SessionKeys, sessionId: string, secret: Uint8Array): MadeToken {
  const head = Buffer.concat([Buffer.from(sessionId, 'base64url'), secret]);
  return { text: Buffer.concat([head, macOf(keys, head)]).toString('base64url'), hash: hashOf(head), head };
}

function macOf({ mac }: SessionKeys, head: Uint8Array): Uint8Array {
  return hmacSha256(mac, head).subarray(0, macLength);
}

function hashOf(head: Uint8Array): string {
  return hash('sha256', head.subarray(sessionIdLength), 'base64url');
}
