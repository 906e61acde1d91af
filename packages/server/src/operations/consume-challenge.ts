import { challengeLength, constantTimeEqual } from '@zkp-auth/core';
import { type ChallengeSubject, packSubject, splitChallenge } from '../challenge-record.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

const absent = new Uint8Array(challengeLength);

/**
 * Take a challenge out of its store, whatever comes of it.
 *
 * @returns its 32 bytes, and whether it was live and issued for exactly this subject. Where it was not live the
 * bytes are zeros, so that the refusal costs the same work.
 */
export async function consumeChallenge(
  engine: Engine,
  challengeId: string,
  subject: ChallengeSubject,
): Promise<{ challenge: Uint8Array; valid: boolean }> {
  const record = await storeCall(engine.challenges.consumeIfLive(challengeId));
  const issued = splitChallenge(record ?? absent);
  return { challenge: issued.challenge, valid: constantTimeEqual(issued.subject, packSubject(subject)) };
}
