import { hash } from 'node:crypto';
import { encodeBase64url } from '@zkp-auth/core';
import type { PinTry } from '../stores/pin-store.js';

/** 132 bits are enough, because the server draws a challenge at random. */
const challengeHashCharacters = 22;

/**
 * The record of a question in stores. It has the SHA-256 of the blinded PIN, and a hash of the challenge that is
 * sent with the answer.
 */
export function pinTry(questionHash: Uint8Array, challenge: Uint8Array): PinTry {
  return { questionHash: encodeBase64url(questionHash), challengeHash: challengeHashOf(challenge) };
}

/** The first 22 characters of `b64u(SHA-256(challenge))`. */
export function challengeHashOf(challenge: Uint8Array): string {
  return hash('sha256', challenge, 'base64url').slice(0, challengeHashCharacters);
}
