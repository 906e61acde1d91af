import { type ChallengeResponse, encodeBase64url, messageTranscript, type Purpose } from '@zkp-auth/core';
import type { UnlockedKey } from '../storage/key-storage.js';
import { subtleCrypto } from '../subtle-crypto.js';
import type { Context } from './context.js';

/** The members that every request with a proof carries. */
export interface ProvenFields {
  userId: string;
  challengeId: string;
  origin: string;
  audience: string;
  proof: string;
}

/** The purpose of a proof, and the challenge and context that it binds. */
export interface ProofUse {
  purpose: Purpose;
  userId: string;
  challenge: ChallengeResponse;
  purposeContext: Uint8Array;
}

/** Prove possession of a key for one purpose, bound to this page, this server, this user and this challenge. */
export async function prove(context: Context, key: UnlockedKey, use: ProofUse): Promise<ProvenFields> {
  const { origin, audience } = context.endpoint;
  const { challengeId } = use.challenge;
  context.report('proving');
  const proof = encodeBase64url(await proofOver(context, key, use));
  return { userId: use.userId, challengeId, origin, audience, proof };
}

/** The proof alone, 64 bytes. */
export async function proofOver(context: Context, key: UnlockedKey, use: ProofUse): Promise<Uint8Array> {
  const { origin, audience } = context.endpoint;
  const { challengeId, challenge } = use.challenge;
  const transcript = messageTranscript({
    purpose: use.purpose,
    origin,
    audience,
    userId: use.userId,
    credentialId: key.credentialId,
    challengeId,
    challenge,
    context: use.purposeContext,
  });
  return key.prove(await hashOf(transcript));
}

/** The platform's SHA-256, so that the page need not download another. */
export async function hashOf(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtleCrypto().digest('SHA-256', bytes as BufferSource));
}
