import { challengeLength, type ChallengeSubject, constantTimeEqual } from '@zkp-auth/core';
import { type ChallengePin, packSubject, unpackChallenge } from '../challenge-record.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** A challenge that was taken out of its store. */
export interface ConsumedChallenge {
  /** 32 bytes. */
  challenge: Uint8Array;
  /** Whether it was live and issued for exactly the subject asked for. */
  valid: boolean;
  /** The pinId that was evaluated with it; to be trusted where it is valid. */
  pin: ChallengePin | null;
}

const absent = new Uint8Array(challengeLength);

/**
 * Take a challenge out of its store, whatever comes of it. Where it was not live its bytes are zeros, so that the
 * refusal costs the same work.
 */
export async function consumeChallenge(
  engine: Engine,
  challengeId: string,
  subject: ChallengeSubject,
): Promise<ConsumedChallenge> {
  const record = await storeCall(engine.challenges.consumeIfLive(challengeId));
  const issued = unpackChallenge(record ?? absent);
  return {
    challenge: issued.challenge,
    valid: constantTimeEqual(issued.subject, packSubject(subject)),
    pin: issued.pin,
  };
}
