import { type ChallengeSubject, encodeBase64url, parseChallengeRequest, type Purpose } from '@zkp-auth/core';
import { packChallenge } from '../challenge-record.js';
import { drawChallenge } from '../draw-challenge.js';
import type { Engine, RequestFacts } from '../engine.js';
import { offerNonce } from '../sessions/offer-nonce.js';
import type { Credential } from '../stores/credential-store.js';
import { storeCall } from '../stores/store-call.js';
import { acceptBlindedPin, assistPin, type PinAnswerText } from './assist-pin.js';
import { findLiveCredential } from './find-live-credential.js';
import { requirePinAssistance } from './require-pin-assistance.js';

/** The answer of `POST {base}/challenge`, as it goes onto the wire. */
export interface ChallengeAnswer {
  challengeId: string;
  challenge: string;
  expiresInMs: number;
  /** Where the request had a `pin`. */
  pin?: PinAnswerText;
}

const purposes: readonly Purpose[] = ['register', 'login', 'confirm', 'rotate-key'];
const assistedPurposes: readonly Purpose[] = [...purposes, 'change-pin'];

/**
 * Issue a challenge (protocol section 3), and evaluate a blinded PIN with it. One for a credential that does not
 * exist looks the same and costs the same, but is filed under a decoy's id: it could never verify, so it need not
 * take up room.
 *
 * @throws {@link ZkpAuthError} `PIN_ASSISTANCE_UNSUPPORTED`, `PIN_WAIT`, `PIN_LOCKED`, or a parsing code.
 */
export async function createChallenge(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<ChallengeAnswer> {
  offerNonce(engine, facts);
  const request = parseChallengeRequest(body, engine.pinAssistance === null ? purposes : assistedPurposes);
  const blindedPin = request.pin && acceptBlindedPin(requirePinAssistance(engine), request.pin);
  const { id, challenge } = drawChallenge();
  const challengeId = encodeBase64url(id);
  const live = await findSubject(engine, request);
  const useful = request.purpose === 'register' || live !== null;
  await storeCall(
    engine.challenges.set(
      useful ? challengeId : engine.decoys.challengeId(),
      packChallenge(challenge, request, blindedPin?.pin),
      engine.challengeTtlMs,
    ),
  );
  const answer = {
    challengeId,
    challenge: encodeBase64url(challenge),
    expiresInMs: engine.challengeTtlMs,
  };
  if (blindedPin === undefined) return answer;
  // Last, so that nothing that fails costs a try.
  const issued = { challenge, facts, liveCredentialId: live?.credentialId ?? null };
  return { ...answer, pin: await assistPin(engine, requirePinAssistance(engine), blindedPin, issued) };
}

/** The credential that a challenge is for, if there is one and it is live. */
async function findSubject(
  engine: Engine,
  { purpose, userId, credentialId }: ChallengeSubject,
): Promise<Credential | null> {
  return purpose === 'register' ? null : findLiveCredential(engine, { userId, credentialId });
}
