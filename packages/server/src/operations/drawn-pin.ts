import { constantTimeEqual, encodeBase64url } from '@zkp-auth/core';
import type { ChallengePin } from '../challenge-record.js';
import { hashPinId } from '../pin/pin-hash.js';
import type { NewPin } from '../stores/pin-store.js';

/** A pinId that a challenge drew. It is enrolled by the proof that consumes the challenge, or it never existed. */
export type DrawnPin = ChallengePin & { kind: 'drawn' };

/** What a challenge drew, where that is exactly this pinId; `null` where it drew none, or another. */
export function drawnPin(pin: ChallengePin | null, pinId: Uint8Array): DrawnPin | null {
  return pin?.kind === 'drawn' && constantTimeEqual(pin.pinHash, hashPinId(pinId)) ? pin : null;
}

export function newPinOf(
  { pinHash, secretId }: DrawnPin,
  owner: { userId: string; credentialId: string },
  enrolledAtMs: number,
): NewPin {
  const { userId, credentialId } = owner;
  return { pinHash: encodeBase64url(pinHash), userId, credentialId, secretId, enrolledAtMs };
}
