import { hash } from 'node:crypto';
import { encodeBase64url } from '@zkp-auth/core';

export const pinHashLength = 32;

/** SHA-256 of a pinId. A person who reads a store learns no pinId, and so can try none. */
export function hashPinId(pinId: Uint8Array): Uint8Array {
  return hash('sha256', pinId, 'buffer');
}

/** The same as text, as stores keep it. */
export function pinHashOf(pinId: Uint8Array): string {
  return encodeBase64url(hashPinId(pinId));
}

/** SHA-256 of a blinded PIN, 32 bytes. It tells one try from another, and a repeated question from a new one. */
export function hashQuestion(blinded: Uint8Array): Uint8Array {
  return hash('sha256', blinded, 'buffer');
}
