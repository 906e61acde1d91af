import { hash } from 'node:crypto';
import { constantTimeEqual, decodeBase64url, refreshTokenLength, sessionIdLength } from '@zkp-auth/core';
import { maxSpentTokens } from '../stores/spent-tokens.js';
import { drawRandom } from '../draw-random.js';
import { hmacSha256 } from '../hmac-sha256.js';
import type { SessionKeys } from './session-keys.js';

/** A refresh token as it is given out. */
export interface RefreshToken {
  /** 80 bytes in base64url. */
  text: string;
  /** SHA-256 of its secret in base64url: what a store keeps. */
  hash: string;
}

/** One with `sessionId ‖ secret`, 64 bytes. */
type MadeToken = RefreshToken & { head: Uint8Array };

/** A refresh token that was presented, and that this server made, whenever that was. */
export interface PresentedToken {
  sessionId: string;
  hash: string;
  /** `sessionId ‖ secret`, 64 bytes. */
  head: Uint8Array;
}

const secretLength = 32;
const macLength = 16;
const headLength = sessionIdLength + secretLength;
/** So many tokens may be passed over in a row, and as many be spent before a browser has kept the newest. */
const maxSteps = 2 * maxSpentTokens;
const maxPaths = 64;

/**
 * Refresh tokens: `sessionId ‖ secret ‖ mac`. The MAC tells a genuine old token from garbage, so that nobody ends a
 * session who only knows its id. The secret of a successor is derived from the token that it follows, so that it can
 * be given again without being stored.
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

  /** The token of this text where this server made it, `null` for anything else. */
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

  /** The token that takes the place of another. */
  successorOf({ sessionId, head }: PresentedToken): RefreshToken {
    return successor(this.#keys()[0] as SessionKeys, sessionId, head);
  }

  /**
   * The one of this hash among those that follow from it, one after another, each made under any secret of the ring; and
   * how many steps away it is. Where the secrets give more paths than are looked at, the later steps of a path are under
   * one secret.
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
