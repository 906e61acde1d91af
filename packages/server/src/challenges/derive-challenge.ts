import { createHmac, type KeyObject } from 'node:crypto';
import { challengeLength, type ChallengeSubject, lengthPrefixed } from '@zkp-auth/core';
import { type ChallengeId, challengeNonceLength, challengeTagLength } from './challenge-id.js';
import type { DrawnPin } from './challenge-pin.js';

export interface DerivedChallenge {
  /** 32 bytes. */
  challenge: Uint8Array;
  /** 4 bytes, the end of the challengeId: they say nothing of the challenge. */
  tag: Uint8Array;
}

/**
 * `challenge ‖ tag` are the first 36 bytes of
 * `HMAC-SHA-512(key, LP('challenge') ‖ LP(head) ‖ LP(nonce) ‖ LP(purpose) ‖ LP(userId) ‖ LP(credentialId))`.
 */
export function deriveChallenge(
  key: KeyObject,
  { head, nonce }: Pick<ChallengeId, 'head' | 'nonce'>,
  { purpose, userId, credentialId }: ChallengeSubject,
): DerivedChallenge {
  const input = lengthPrefixed('challenge', head, nonce, purpose, userId, credentialId);
  const mac = createHmac('sha512', key).update(input).digest();
  return {
    challenge: Uint8Array.from(mac.subarray(0, challengeLength)),
    tag: mac.subarray(challengeLength, challengeLength + challengeTagLength),
  };
}

/**
 * The nonce of a challenge that drew a pinId: the first 6 bytes of
 * `HMAC-SHA-512(key, LP('pin') ‖ LP(head) ‖ LP(pinHash) ‖ LP(secretId))`. A pinId is random, so the nonce looks random too.
 */
export function derivePinNonce(
  key: KeyObject,
  head: Uint8Array,
  { pinHash, secretId }: DrawnPin,
): Uint8Array {
  const input = lengthPrefixed('pin', head, pinHash, secretId);
  return createHmac('sha512', key).update(input).digest().subarray(0, challengeNonceLength);
}
