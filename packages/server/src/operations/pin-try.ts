import { hash } from 'node:crypto';
import { encodeBase64url, lengthPrefixed } from '@zkp-auth/core';
import type { PinTry } from '../stores/pin-store.js';

const challengeHashLength = 16;

/** A question as stores know it: by the SHA-256 of its blinded PIN, and by the challenge that goes with its answer. */
export function pinTry(questionHash: Uint8Array, challengeId: string, challenge: Uint8Array): PinTry {
  return {
    questionHash: encodeBase64url(questionHash),
    challengeHash: challengeHashOf(challengeId, challenge),
  };
}

/** `b64u` of the first 16 bytes of `SHA-256(LP("zkp-auth/try") ‖ LP(challengeId) ‖ LP(challenge))`. */
export function challengeHashOf(challengeId: string, challenge: Uint8Array): string {
  const digest = hash('sha256', lengthPrefixed('zkp-auth/try', challengeId, challenge), 'buffer');
  return encodeBase64url(digest.subarray(0, challengeHashLength));
}
