import {
  buildMessage,
  credentialIdOf,
  type ProofFields,
  type Purpose,
  verifyProofAsync,
} from '@zkp-auth/core';

/** A request with a proof by a new key beside the proof by a credential. */
type WithNewKey = ProofFields & { newPublicKey: Uint8Array; newProof: Uint8Array };

/** Whether the new key has proven itself over the challenge and context of the credential's proof. */
export async function provesNewKey(
  { userId, challengeId, origin, audience, newPublicKey, newProof }: WithNewKey,
  { purpose, challenge, context }: { purpose: Purpose; challenge: Uint8Array; context: Uint8Array },
): Promise<boolean> {
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
  return verifyProofAsync(newPublicKey, message, newProof);
}
