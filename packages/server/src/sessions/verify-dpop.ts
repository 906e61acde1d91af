import { hash } from 'node:crypto';
import { ZkpAuthError } from '@zkp-auth/core';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type { DpopRefusal } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { compactJws } from '../tokens/compact-jws.js';
import { isNamedPath } from './is-named-path.js';
import { isDpopHeader } from './is-dpop-header.js';
import { type DpopSubject, rejectDpop } from './reject-dpop.js';

/** `Ed25519` is the newer name of `EdDSA` with that curve (RFC 9864). */
const algorithms = ['ES256', 'EdDSA', 'Ed25519'];
const maxCharacters = 4096;

/** The request of a proof. */
export interface ProvenRequest {
  facts: RequestFacts;
  /** The credential that the event of a refusal names. */
  subject: DpopSubject;
  /** The access token that authorises the request, if there is one. */
  accessToken?: string | undefined;
}

interface DpopProof {
  claims: JWTPayload;
  thumbprint: string;
}

/**
 * Verify the DPoP proof of a request (RFC 9449 section 4.3). Its `iat` is not checked. The nonce makes it fresh, so
 * a client's clock may be wrong. Every refusal except that of a nonce emits an event.
 *
 * @returns the RFC 7638 thumbprint of the key that made it, 32 bytes in base64url.
 * @throws {@link ZkpAuthError} `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`.
 */
export async function verifyDpop(engine: Engine, request: ProvenRequest): Promise<string> {
  const { facts } = request;
  const proof = await readProof(engine, facts.dpop);
  if ('reason' in proof) throw rejectDpop(engine, request, proof);
  const refusal = refusalOf(engine, proof.claims, request);
  if (refusal !== null) throw rejectDpop(engine, request, refusal);
  const { nonce } = proof.claims;
  if (typeof nonce !== 'string' || !engine.nonces.isFresh(nonce)) {
    throw new ZkpAuthError('DPOP_NONCE_REQUIRED');
  }
  return proof.thumbprint;
}

/** The proof's claims, if its embedded key signed them. */
async function readProof(engine: Engine, text: string | undefined): Promise<DpopProof | DpopRefusal> {
  if (text === undefined) return { reason: 'missing' };
  if (text.length > maxCharacters || !compactJws.test(text)) return { reason: 'malformed' };
  try {
    const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, {
      algorithms,
      typ: 'dpop+jwt',
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
      currentDate: new Date(engine.now()),
    });
    if (!isDpopHeader(protectedHeader)) return { reason: 'malformed' };
    return { claims: payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk as JWK) };
  } catch (error) {
    // The platform's own error for a key that it cannot import ends here too, because only the proof can be at
    // fault.
    return { reason: error instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'malformed' };
  }
}

function refusalOf(
  engine: Engine,
  { jti, htm, htu, ath }: JWTPayload,
  { facts, accessToken }: ProvenRequest,
): DpopRefusal | null {
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return { reason: 'malformed' };
  if (typeof htm !== 'string' || typeof htu !== 'string') return { reason: 'malformed' };
  const { method = '', path = '' } = facts;
  if (htm !== method) return { reason: 'method', expected: method, presented: htm };
  const refusal = targetRefusalOf(engine, htu, path);
  if (refusal !== null) return refusal;
  const isForToken = accessToken === undefined || ath === hash('sha256', accessToken, 'base64url');
  return isForToken ? null : { reason: 'token' };
}

/** Queries and fragments do not count (RFC 9449 section 4.3). */
function targetRefusalOf({ audiences, publicPathOf }: Engine, htu: string, path: string): DpopRefusal | null {
  const target = URL.parse(htu);
  if (target === null || !audiences.has(target.origin)) {
    return { reason: 'origin', expected: [...audiences].join(','), presented: target?.origin ?? htu };
  }
  const publicPath = publicPathOf(path);
  if (isNamedPath(target.pathname, publicPath)) return null;
  return { reason: 'target', expected: publicPath.split('?', 1)[0] ?? '', presented: target.pathname };
}
