import { encodeBase64url, parseChallengeRequest, type Purpose } from '@zkp-auth/core';
import type { Engine, RequestFacts } from '../engine.js';
import { offerNonce } from '../sessions/offer-nonce.js';
import { acceptBlindedPin, assistPin, type PinAnswerText } from './assist-pin.js';
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
 * Issue a challenge (protocol section 3), and evaluate a blinded PIN with it. Nobody looks whether the credential exists,
 * so that nothing of the answer can depend on it.
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
  const { id, challenge, withdraw } = await engine.challenges.issue(request, blindedPin?.pin);
  const answer = {
    challengeId: id,
    challenge: encodeBase64url(challenge),
    expiresInMs: engine.challengeTtlMs,
  };
  if (blindedPin === undefined) return answer;
  const afterwards: (() => void)[] = [];
  try {
    // Last, so that nothing that fails costs a try.
    const issued = { challenge, facts, afterwards: (work: () => void) => void afterwards.push(work) };
    return { ...answer, pin: await assistPin(engine, requirePinAssistance(engine), blindedPin, issued) };
  } catch (refusal) {
    await withdraw();
    throw refusal;
  } finally {
    for (const work of afterwards) setImmediate(work);
  }
}
