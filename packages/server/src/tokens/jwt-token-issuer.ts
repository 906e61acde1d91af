import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { KeyRing, SigningKey } from '../keys/key-ring.js';
import { isSigningAlgorithm, signingAlgorithms } from '../keys/stored-key.js';
import type { StoredSession } from '../stores/session-store.js';
import type { TokenClaims } from '../zkp-auth-options.js';
import { compactJws } from './compact-jws.js';
import { checkedClaims } from './own-claims.js';
import { signToken } from './sign-token.js';
import type { IssuedToken, TokenIssuer, ZkpUser } from './token-issuer.js';
import { digestOf, type VerifiedToken, VerifiedTokens } from './verified-tokens.js';

export interface JwtTokenIssuerOptions {
  keys: KeyRing;
  /** The `iss` claim. */
  issuer: string;
  /** The `aud` claim. */
  audience: string;
  /** Lifetime in milliseconds, whole seconds; default 600 000. */
  ttlMs?: number;
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
  /** Further claims of each token; default none. */
  claims?: TokenClaims | undefined;
}

const tokenType = 'at+jwt';
/** The difference between the clocks of servers that share a key. */
const clockToleranceSeconds = 5;

/**
 * Access tokens as JWTs (RFC 9068 header type). The ring's active key signs them, and they are verified against an
 * algorithm allowlist. The token of a bound session names the session's key (RFC 9449 section 6.1).
 */
export class JwtTokenIssuer implements TokenIssuer {
  readonly #keys: KeyRing;
  readonly #issuer: string;
  readonly #audience: string;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #claims: TokenClaims | undefined;
  readonly #verified = new VerifiedTokens();

  constructor(options: JwtTokenIssuerOptions) {
    this.#keys = options.keys;
    this.#issuer = options.issuer;
    this.#audience = options.audience;
    this.#ttlMs = options.ttlMs ?? 600_000;
    this.#now = options.now ?? Date.now;
    this.#claims = options.claims;
  }

  async issue(session: StoredSession): Promise<IssuedToken> {
    const key = this.#keys.active();
    const nowMs = this.#now();
    const endMs = Math.min(nowMs + this.#ttlMs, session.expiresAtMs);
    const nowSeconds = Math.floor(nowMs / 1000);
    const { userId, credentialId, sessionId } = session;
    const claims = {
      ...(this.#claims && checkedClaims(await this.#claims({ userId, credentialId, sessionId }))),
      iss: this.#issuer,
      aud: this.#audience,
      sub: session.userId,
      credential_id: session.credentialId,
      sid: session.sessionId,
      jti: randomUUID(),
      iat: nowSeconds,
      nbf: nowSeconds,
      exp: Math.floor(endMs / 1000),
      auth_time: Math.floor(session.createdAtMs / 1000),
      ...(session.sessionKey === null ? {} : { cnf: { jkt: session.sessionKey } }),
    };
    const token = await signToken(key, tokenType, claims);
    // A process need not verify its own signature. At each use it checks this token like a verified one.
    const issued = verifiedOf(claims, key);
    if (issued !== null) this.#verified.keep(digestOf(token), issued);
    return { token, expiresInMs: endMs - nowMs };
  }

  async verify(token: string): Promise<ZkpUser | null> {
    const digest = digestOf(token);
    const known = this.#verified.find(digest);
    if (known !== undefined) {
      if (this.#isTimely(known) && isKeyOf(known, await this.#keys.find(known.kid))) return { ...known.user };
      this.#verified.forget(digest);
    }
    const verified = await this.#verifySigned(token);
    if (verified === null) return null;
    this.#verified.keep(digest, verified);
    return { ...verified.user };
  }

  /**
   * Whether a token that was issued or verified before is valid now. For a token within the tolerance between clocks
   * it may give false, and then the token is verified again. A time that is not a number makes no token valid.
   */
  #isTimely({ issuedAtSeconds, notBeforeSeconds, expiresAtSeconds }: VerifiedToken): boolean {
    const nowSeconds = Math.floor(this.#now() / 1000);
    if (!(nowSeconds >= notBeforeSeconds && nowSeconds < expiresAtSeconds)) return false;
    return expiresAtSeconds - issuedAtSeconds <= this.#acceptedSeconds();
  }

  async #verifySigned(token: string): Promise<VerifiedToken | null> {
    if (!compactJws.test(token)) return null;
    try {
      const acceptedSeconds = this.#acceptedSeconds();
      const { payload, protectedHeader } = await jwtVerify<KeyClaim>(token, this.#keyOf, {
        algorithms: [...signingAlgorithms],
        issuer: this.#issuer,
        audience: this.#audience,
        typ: tokenType,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'nbf', 'exp', 'auth_time', 'credential_id'],
        // It also refuses a token that was issued in the future.
        maxTokenAge: acceptedSeconds,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(this.#now()),
      });
      const verified = verifiedOf(payload, protectedHeader);
      if (verified === null) return null;
      return verified.expiresAtSeconds - verified.issuedAtSeconds > acceptedSeconds ? null : verified;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  /** The longest lifetime of a token for which the ring keeps its key. */
  #acceptedSeconds(): number {
    const { acceptedTtlMs = this.#keys.tokenTtlMs } = this.#keys;
    return Math.ceil(acceptedTtlMs / 1000);
  }

  readonly #keyOf: JWTVerifyGetKey = async ({ kid, alg }) => {
    const key = typeof kid === 'string' ? await this.#keys.find(kid) : null;
    if (key === null || key.alg !== alg) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  };
}

/** Whether the ring still has the key that signed a token. */
function isKeyOf({ kid, alg }: VerifiedToken, key: SigningKey | null): boolean {
  return key !== null && key.kid === kid && key.alg === alg;
}

/** The claim of a bound session's token. */
interface KeyClaim {
  cnf?: { jkt?: unknown } | null;
}

/** The entry for a token with these claims and this header; `null` for claims that no token of this issuer has. */
function verifiedOf(
  payload: JWTPayload & KeyClaim,
  { kid, alg }: { kid?: string; alg?: string },
): VerifiedToken | null {
  const { iat = 0, nbf = 0, exp = Infinity } = payload;
  const user = userOf(payload);
  if (user === null || kid === undefined || !isSigningAlgorithm(alg)) return null;
  return {
    user,
    kid,
    alg,
    issuedAtSeconds: iat,
    notBeforeSeconds: Math.max(iat, nbf),
    expiresAtSeconds: exp,
  };
}

function userOf(payload: JWTPayload & KeyClaim): ZkpUser | null {
  const { sub, sid, credential_id: credentialId, auth_time: authTime, cnf } = payload;
  if (typeof sub !== 'string' || typeof sid !== 'string') return null;
  if (typeof credentialId !== 'string' || typeof authTime !== 'number') return null;
  const sessionKey = cnf === undefined ? null : cnf?.jkt;
  if (sessionKey !== null && typeof sessionKey !== 'string') return null;
  return { userId: sub, credentialId, sessionId: sid, sessionKey, authTimeMs: authTime * 1000 };
}
