import { randomUUID } from 'node:crypto';
import { encodeUtf8 } from '@zkp-auth/core';
import { CompactSign, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { SigningKeys } from '../keys/signing-keys.js';
import type { IssuedToken, TokenIssuer, ZkpUser } from './token-issuer.js';

export interface JwtTokenIssuerOptions {
  keys: SigningKeys;
  /** The `iss` claim. */
  issuer: string;
  /** The `aud` claim. */
  audience: string;
  /** Lifetime in milliseconds, whole seconds; default 600 000. */
  ttlMs?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

const tokenType = 'at+jwt';
/** Between clocks of servers that share a key. */
const clockToleranceSeconds = 5;

/** Access tokens as JWTs (RFC 9068 header type), signed with EdDSA and verified against an algorithm allowlist. */
export class JwtTokenIssuer implements TokenIssuer {
  readonly #keys: SigningKeys;
  readonly #issuer: string;
  readonly #audience: string;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor(options: JwtTokenIssuerOptions) {
    this.#keys = options.keys;
    this.#issuer = options.issuer;
    this.#audience = options.audience;
    this.#ttlMs = options.ttlMs ?? 600_000;
    this.#now = options.now ?? Date.now;
  }

  async issue(user: { userId: string; credentialId: string }): Promise<IssuedToken> {
    const { kid, alg, privateKey } = this.#keys.active;
    const nowSeconds = Math.floor(this.#now() / 1000);
    const claims = {
      iss: this.#issuer,
      aud: this.#audience,
      sub: user.userId,
      credential_id: user.credentialId,
      sid: randomUUID(),
      jti: randomUUID(),
      iat: nowSeconds,
      exp: nowSeconds + Math.floor(this.#ttlMs / 1000),
      auth_time: nowSeconds,
    };
    // The claims are whole as they stand: signing their bytes spares what SignJWT does to find that out.
    const token = await new CompactSign(encodeUtf8(JSON.stringify(claims)))
      .setProtectedHeader({ alg, kid, typ: tokenType })
      .sign(privateKey);
    return { token, tokenType: 'Bearer', expiresInMs: this.#ttlMs };
  }

  async verify(token: string): Promise<ZkpUser | null> {
    try {
      const { payload } = await jwtVerify(token, this.#keyOf, {
        algorithms: ['EdDSA'],
        issuer: this.#issuer,
        audience: this.#audience,
        typ: tokenType,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp', 'auth_time', 'credential_id'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(this.#now()),
      });
      return userOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  readonly #keyOf: JWTVerifyGetKey = ({ kid }) => {
    const key = this.#keys.accepted.find((accepted) => accepted.kid === kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  };
}

function userOf(payload: JWTPayload): ZkpUser | null {
  const { sub, sid, credential_id: credentialId, auth_time: authTime } = payload;
  if (typeof sub !== 'string' || typeof sid !== 'string') return null;
  if (typeof credentialId !== 'string' || typeof authTime !== 'number') return null;
  return { userId: sub, credentialId, sessionId: sid, authTimeMs: authTime * 1000 };
}
