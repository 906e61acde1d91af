import { challengeIdLength, challengeLength, decodeBase64url, sessionKeyLength } from '@zkp-auth/core';
import type { IssuedChallenge } from './key-storage.js';

// The few fields of a message that the vault takes from its page. Each is copied, and has a fixed length.

/** `null` for a value that is not a challenge. */
export function challengeOf({ challengeId, challenge }: IssuedChallenge): IssuedChallenge | null {
  const bytes = copyOf(challenge, challengeLength);
  return bytes === null || decodeBase64url(challengeId, challengeIdLength) === null
    ? null
    : { challengeId, challenge: bytes };
}

/** `null` for a value that is not a thumbprint. */
export function sessionKeyOf({ sessionKey }: { sessionKey?: Uint8Array }): Uint8Array | null {
  return copyOf(sessionKey, sessionKeyLength);
}

function copyOf(value: Uint8Array | undefined, length: number): Uint8Array | null {
  const copy = value instanceof Uint8Array ? Uint8Array.from(value) : null;
  return copy?.length === length ? copy : null;
}
