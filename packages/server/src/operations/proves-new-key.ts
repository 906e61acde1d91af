import { buildMessage, type ProofFields, type Purpose, verifyProof } from '@zkp-auth/core';

/** A new key, and its proof over a challenge. */
export interface ClaimedKey {
  purpose: Purpose;
  credentialId: string;
  publicKey: Uint8Array;
  proof: Uint8Array;
  challenge: Uint8Array;
  context: Uint8Array;
}

/** Whether a key that the server does not know yet has proven itself over the challenge that a request names. */
export function provesNewKey(
  { userId, challengeId, origin, audience }: Omit<ProofFields, 'proof'>,
  { publicKey, proof, ...claimed }: ClaimedKey,
): boolean {
  const message = buildMessage({ ...claimed, origin, audience, userId, challengeId });
  return verifyProof(publicKey, message, proof);
}
