import { buildMessage, type ProofFields, type Purpose, verifyProof } from '@zkp-auth/core';
import type { RefusalReason } from '../auth-event.js';
import type { NamedChallenge } from '../challenges/challenges.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { isPending, stateOf } from '../stores/credential-policy.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { isAllowedOrigin } from './is-allowed-origin.js';
import { noteUse } from './note-use.js';

/** A proof by an existing credential, before it is verified. */
export interface ClaimedProof {
  purpose: Purpose;
  request: ProofFields & { credentialId: string };
  /** Or a function that makes it from the credential's key. */
  context: Uint8Array | ((publicKey: Uint8Array) => Uint8Array);
  /** The pinId that the request names as drawn with its challenge. */
  pinId?: Uint8Array | undefined;
  facts: RequestFacts;
  /** Why a credential proves nothing here; default: unless it is a live device. */
  refusalOf?: ((credential: Credential, nowMs: number) => RefusalReason | null) | undefined;
}

/**
 * The reason of a refusal, for the server's own records, or the credential and challenge of a valid proof. `revoked`
 * is the challenge of a valid proof by a device that was revoked for good. It is not spent.
 */
export type Verdict =
  | { refusal: RefusalReason; revoked?: NamedChallenge | undefined }
  | { refusal: null; credential: Credential; issued: NamedChallenge };

/**
 * Verify a credential's proof, and spend its challenge if the proof is valid. Every refusal before that is reached
 * by the same work. If there is no credential, the proof is verified against a decoy's key.
 */
export async function examineProof(engine: Engine, claimed: ClaimedProof): Promise<Verdict> {
  const { purpose, request, context, pinId, facts, refusalOf = refusalOfDevice } = claimed;
  const { userId, credentialId, challengeId, origin, audience, proof } = request;
  const issued = engine.challenges.named(challengeId, { purpose, userId, credentialId }, pinId);
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  const publicKey = credential?.publicKey ?? engine.decoys.publicKey;
  const message = buildMessage({
    purpose,
    origin,
    audience,
    userId,
    credentialId,
    challengeId,
    challenge: issued.challenge,
    context: typeof context === 'function' ? context(publicKey) : context,
  });
  const proven = verifyProof(publicKey, message, proof);

  if (!issued.valid) return { refusal: 'challenge' };
  if (!isAllowedOrigin(engine, request, facts)) return { refusal: 'origin' };
  if (credential === null) return { refusal: 'credential' };
  const refusal = refusalOf(credential, engine.now());
  if (refusal === 'revoked')
    return { refusal, revoked: proven && isToBeTold(credential) ? issued : undefined };
  if (refusal !== null) return { refusal };
  if (!proven) return { refusal: 'proof' };
  if (!(await issued.spend())) return { refusal: 'challenge' };
  if (stateOf(credential, engine.now()) === 'live') await noteUse(engine, credential);
  return { refusal: null, credential, issued };
}

function refusalOfDevice(credential: Credential, nowMs: number): RefusalReason | null {
  const { kind, revokedAtMs, suspendedAtMs } = credential;
  if (revokedAtMs !== null) return 'revoked';
  if (kind === 'recovery') return 'recovery';
  if (isPending(credential, nowMs)) return 'pending';
  return suspendedAtMs === null ? null : 'suspended';
}

/** A replaced credential is an old copy, and nobody of a suspended user learns anything. */
function isToBeTold({ kind, replacedBy, suspendedAtMs }: Credential): boolean {
  return kind === 'device' && replacedBy === null && suspendedAtMs === null;
}
