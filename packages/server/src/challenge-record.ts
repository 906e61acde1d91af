import { challengeLength, lengthPrefixed, lengthPrefixedAfter, type Purpose } from '@zkp-auth/core';

/** What a challenge was issued for: it verifies for nothing else. */
export interface ChallengeSubject {
  purpose: Purpose;
  userId: string;
  credentialId: string;
}

/** `challenge ‖ LP(purpose) ‖ LP(userId) ‖ LP(credentialId)`: the opaque bytes that a store keeps. */
export function packChallenge(challenge: Uint8Array, subject: ChallengeSubject): Uint8Array {
  return lengthPrefixedAfter(challenge, [subject.purpose, subject.userId, subject.credentialId]);
}

export function packSubject({ purpose, userId, credentialId }: ChallengeSubject): Uint8Array {
  return lengthPrefixed(purpose, userId, credentialId);
}

/** The two parts of a record. */
export function splitChallenge(record: Uint8Array): { challenge: Uint8Array; subject: Uint8Array } {
  return { challenge: record.subarray(0, challengeLength), subject: record.subarray(challengeLength) };
}

/** How the subject of a login begins, as latin1 text. */
const loginPrefix = '\u0000\u0005login';

/**
 * The share of a bounded store that a record counts against: each credential's logins are one, everything else
 * together is another, since anyone may ask for a registration under any name.
 */
export function challengeShare(record: Uint8Array): string {
  const { subject } = splitChallenge(record);
  const text = Buffer.from(subject.buffer, subject.byteOffset, subject.byteLength).toString('latin1');
  return text.startsWith(loginPrefix) ? text : '';
}
