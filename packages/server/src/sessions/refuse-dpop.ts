import { ZkpAuthError } from '@zkp-auth/core';
import type { RequestFacts } from '../engine.js';

/** What `WWW-Authenticate` says of proofs that are accepted (RFC 9449 section 7.1). */
export const dpopAlgorithms: string = 'algs="ES256 Ed25519 EdDSA"';

const challenges = {
  INVALID_DPOP_PROOF: `DPoP error="invalid_dpop_proof", ${dpopAlgorithms}`,
  DPOP_NONCE_REQUIRED: 'DPoP error="use_dpop_nonce"',
};

/** The refusal of a DPoP proof, as the answer's header and as the error to throw. */
export function refuseDpop(
  facts: RequestFacts,
  code: 'INVALID_DPOP_PROOF' | 'DPOP_NONCE_REQUIRED',
): ZkpAuthError {
  facts.setHeader?.('WWW-Authenticate', challenges[code]);
  return new ZkpAuthError(code);
}
