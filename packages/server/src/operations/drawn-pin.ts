import { constantTimeEqual, encodeBase64url } from '@zkp-auth/core';
import type { ChallengePin, DrawnPin } from '../challenges/challenge-pin.js';
import { hashPinId } from '../pin/pin-hash.js';
import type { NewPin } from '../stores/pin-store.js';

/** The pin that a challenge drew, or `null` unless its pinId is this one. */
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
