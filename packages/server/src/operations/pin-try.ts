import { hash } from 'node:crypto';
import { encodeBase64url } from '@zkp-auth/core';
import type { PinTry } from '../stores/pin-store.js';

/** 132 bits: a challenge is drawn at random by the server. */
const challengeHashCharacters = 22;

/** A question as stores know it: by the SHA-256 of its blinded PIN, and by the challenge that goes with its answer. */
export function pinTry(questionHash: Uint8Array, challenge: Uint8Array): PinTry {
  return { questionHash: encodeBase64url(questionHash), challengeHash: challengeHashOf(challenge) };
}

/** The first 22 characters of `b64u(SHA-256(challenge))`. */
export function challengeHashOf(challenge: Uint8Array): string {
  return hash('sha256', challenge, 'base64url').slice(0, challengeHashCharacters);
}
