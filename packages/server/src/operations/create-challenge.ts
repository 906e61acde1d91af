import { encodeBase64url, parseChallengeRequest, type Purpose } from '@zkp-auth/core';
import { type ChallengeSubject, packChallenge } from '../challenge-record.js';
import { drawChallenge } from '../draw-challenge.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';

/** The answer of `POST {base}/challenge`, as it goes onto the wire. */
export interface ChallengeAnswer {
  challengeId: string;
  challenge: string;
  expiresInMs: number;
}

const purposes: readonly Purpose[] = ['register', 'login'];

/**
 * Issue a challenge (protocol section 3). One for a credential that does not exist looks the same and costs the
 * same, but is filed under a decoy's id: it could never verify, so it need not take up room.
 */
export async function createChallenge(engine: Engine, body: unknown): Promise<ChallengeAnswer> {
  const subject = parseChallengeRequest(body, purposes);
  const { id, challenge } = drawChallenge();
  const challengeId = encodeBase64url(id);
  const useful = await canBeUsed(engine, subject);
  await storeCall(
    engine.challenges.set(
      useful ? challengeId : engine.decoys.challengeId(),
      packChallenge(challenge, subject),
      engine.challengeTtlMs,
    ),
  );
  return { challengeId, challenge: encodeBase64url(challenge), expiresInMs: engine.challengeTtlMs };
}

async function canBeUsed(
  engine: Engine,
  { purpose, userId, credentialId }: ChallengeSubject,
): Promise<boolean> {
  if (purpose === 'register') return true;
  const credential = await storeCall(engine.credentials.find(userId, credentialId));
  return credential !== null && credential.revokedAtMs === null;
}
