import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type { Engine, RequestFacts } from '../engine.js';
import { offerNonce } from './offer-nonce.js';
import { refuseDpop } from './refuse-dpop.js';

/** `Ed25519` is `EdDSA` with that curve, by its newer name (RFC 9864). */
const algorithms = ['ES256', 'EdDSA', 'Ed25519'];
const maxCharacters = 4096;
/** One JWS: two header fields would have been joined by a comma. */
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verify the DPoP proof of a request (RFC 9449 section 4.3). Its `iat` is not looked at: the nonce is what makes it
 * fresh, so that a client's clock may be wrong.
 *
 * @param accessToken the one that the request is authorised by, if it is.
 * @returns the RFC 7638 thumbprint of the key that made it, 32 bytes in base64url.
 * @throws {@link ZkpAuthError} `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`.
 */
export async function verifyDpop(engine: Engine, facts: RequestFacts, accessToken?: string): Promise<string> {
  offerNonce(engine, facts);
  const proof = await readProof(engine, facts.dpop ?? '');
  if (proof === null || !isForRequest(engine, proof.claims, { facts, accessToken })) {
    throw refuseDpop(facts, 'INVALID_DPOP_PROOF');
  }
  const { nonce } = proof.claims;
  if (typeof nonce !== 'string' || !engine.nonces.isFresh(nonce)) {
    throw refuseDpop(facts, 'DPOP_NONCE_REQUIRED');
  }
  return proof.thumbprint;
}

/** What the proof says, where its embedded key signed it. */
async function readProof(
  engine: Engine,
  text: string,
): Promise<{ claims: JWTPayload; thumbprint: string } | null> {
  if (text.length > maxCharacters || !compactJws.test(text)) return null;
  try {
    const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, {
      algorithms,
      typ: 'dpop+jwt',
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
      currentDate: new Date(engine.now()),
    });
    return { claims: payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk as JWK) };
  } catch {
    // Also what the platform says of a key that it cannot import: nothing here but the proof can be at fault.
    return null;
  }
}

function isForRequest(
  engine: Engine,
  { jti, htm, htu, ath }: JWTPayload,
  request: { facts: RequestFacts; accessToken: string | undefined },
): boolean {
  const { facts, accessToken } = request;
  const { method, path } = facts;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return false;
  if (typeof htm !== 'string' || htm !== method) return false;
  if (typeof htu !== 'string' || path === undefined || !isTarget(engine, htu, path)) return false;
  return accessToken === undefined || ath === hash('sha256', accessToken, 'base64url');
}

/** Whether `htu` is this path of an origin that the API is reached under; queries and fragments do not count. */
function isTarget({ audiences, publicPathOf }: Engine, htu: string, path: string): boolean {
  const target = URL.parse(htu);
  if (target === null || !audiences.has(target.origin)) return false;
  return URL.parse(target.origin + publicPathOf(path))?.pathname === target.pathname;
}
