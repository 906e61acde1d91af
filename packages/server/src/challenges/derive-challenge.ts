import type { KeyObject } from 'node:crypto';
import { type ChallengeSubject, lengthPrefixed } from '@zkp-auth/core';
import { hmacSha256 } from '../hmac-sha256.js';
import { type ChallengeId, challengeNonceLength } from './challenge-id.js';
import type { DrawnPin } from './challenge-pin.js';

/** A subject, and the link that alone takes its challenge, if there is one. */
export type DerivedSubject = ChallengeSubject & { linkId?: string };

/**
 * `HMAC-SHA-256(key, LP('challenge') ‖ LP(head) ‖ LP(nonce) ‖ LP(purpose) ‖ LP(userId) ‖ LP(credentialId))`, with
 * `LP(linkId)` at the end for the challenge of a link. Its first bytes are the tag of the challengeId. Only a client
 * that received the challenge knows the other bytes.
 */
export function deriveChallenge(
  key: KeyObject,
  { head, nonce }: Pick<ChallengeId, 'head' | 'nonce'>,
  { purpose, userId, credentialId, linkId }: DerivedSubject,
): Uint8Array {
  const parts = ['challenge', head, nonce, purpose, userId, credentialId];
  return hmacSha256(key, lengthPrefixed(...(linkId === undefined ? parts : [...parts, linkId])));
}

/**
 * The nonce of a challenge with which a pinId was drawn. It is the first 6 bytes of
 * `HMAC-SHA-256(key, LP('pin') ‖ LP(head) ‖ LP(pinHash) ‖ LP(secretId))`. A pinId is random, so the nonce looks
 * random too.
 */
export function derivePinNonce(
  key: KeyObject,
  head: Uint8Array,
  { pinHash, secretId }: DrawnPin,
): Uint8Array {
  return hmacSha256(key, lengthPrefixed('pin', head, pinHash, secretId)).subarray(0, challengeNonceLength);
}
