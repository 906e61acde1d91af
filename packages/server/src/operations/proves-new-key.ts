import { buildMessage, credentialIdOf, type ProofFields, type Purpose, verifyProof } from '@zkp-auth/core';

/** A request with a proof by a new key beside the proof by a credential. */
type WithNewKey = ProofFields & { newPublicKey: Uint8Array; newProof: Uint8Array };

/** Whether the new key has proven itself over the challenge and context of the credential's proof. */
export function provesNewKey(
  { userId, challengeId, origin, audience, newPublicKey, newProof }: WithNewKey,
  { purpose, challenge, context }: { purpose: Purpose; challenge: Uint8Array; context: Uint8Array },
): boolean {
  const message = buildMessage({
    purpose,
    origin,
    audience,
    userId,
    credentialId: credentialIdOf(newPublicKey),
    challengeId,
    challenge,
    context,
  });
  return verifyProof(newPublicKey, message, newProof);
}
