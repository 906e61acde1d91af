import { buildMessage, type ProofFields, type Purpose, verifyProofAsync } from '@zkp-auth/core';
import type { RefusalReason } from '../auth-event.js';
import type { NamedChallenge } from '../challenges/challenges.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { noteUse } from './note-use.js';

/** A proof by an existing credential, before it is verified. */
export interface ClaimedProof {
  purpose: Purpose;
  request: ProofFields & { credentialId: string };
  context: Uint8Array;
  /** The pinId that the request names as drawn with its challenge. */
  pinId?: Uint8Array | undefined;
  facts: RequestFacts;
}

/** The reason of a refusal, for the server's own records, or the credential and challenge of a valid proof. */
export type Verdict =
  { refusal: RefusalReason } | { refusal: null; credential: Credential; issued: NamedChallenge };

/**
 * Verify a credential's proof, and spend its challenge if the proof is valid. Every refusal before that is reached
 * by the same work. If there is no credential, the proof is verified against a decoy's key.
 */
export async function examineProof(engine: Engine, claimed: ClaimedProof): Promise<Verdict> {
  const { purpose, request, context, pinId, facts } = claimed;
  const { userId, credentialId, challengeId, origin, audience, proof } = request;
  const issued = engine.challenges.named(challengeId, { purpose, userId, credentialId }, pinId);
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  const message = buildMessage({
    purpose,
    origin,
    audience,
    userId,
    credentialId,
    challengeId,
    challenge: issued.challenge,
    context,
  });
  const proven = await verifyProofAsync(credential?.publicKey ?? engine.decoys.publicKey, message, proof);

  if (!issued.valid) return { refusal: 'challenge' };
  if (!isAllowedOrigin(engine, request, facts)) return { refusal: 'origin' };
  if (credential === null) return { refusal: 'credential' };
  if (credential.revokedAtMs !== null) return { refusal: 'revoked' };
  if (credential.suspendedAtMs !== null) return { refusal: 'suspended' };
  if (!proven) return { refusal: 'proof' };
  if (!(await issued.spend())) return { refusal: 'challenge' };
  await noteUse(engine, credential);
  return { refusal: null, credential, issued };
}
