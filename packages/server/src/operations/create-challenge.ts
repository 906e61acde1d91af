import {
  type AnswerOf,
  formatChallengeResponse,
  type JsonOf,
  parseChallengeRequest,
  type Purpose,
} from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { Outcome } from '../outcome.js';
import type { RequestFacts } from '../request-facts.js';
import { acceptBlindedPin, assistPin } from './assist-pin.js';
import { requireOwnPin } from './require-own-pin.js';
import { requirePinAssistance } from './require-pin-assistance.js';

const purposes: readonly Purpose[] = ['register', 'login', 'confirm', 'rotate-key', 'link-device'];
const assistedPurposes: readonly Purpose[] = [...purposes, 'change-pin'];

/**
 * Issue a challenge (protocol section 3), and evaluate a blinded PIN with it. The credential is not looked up, so
 * the answer cannot depend on its existence.
 *
 * @throws {@link ZkpAuthError} `PIN_ASSISTANCE_UNSUPPORTED`, `PIN_WAIT`, `PIN_LOCKED`, or a parsing code.
 */
export async function createChallenge(
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
): Promise<Outcome<JsonOf<AnswerOf<'challenge'>>>> {
  const request = parseChallengeRequest(body, engine.pinAssistance === null ? purposes : assistedPurposes);
  const blindedPin = request.pin && acceptBlindedPin(requirePinAssistance(engine), request.pin);
  if (request.purpose === 'link-device') await requireOwnPin(engine, request);
  const { id, challenge, withdraw } = await engine.challenges.issue(request, blindedPin?.pin);
  const answer = { challengeId: id, challenge, expiresInMs: engine.challengeTtlMs };
  if (blindedPin === undefined) return { body: formatChallengeResponse(answer), headers: [] };
  const afterwards: (() => void)[] = [];
  try {
    // Last, so that an earlier failure does not cost a try.
    const issued = { challenge, facts, afterwards: (work: () => void) => void afterwards.push(work) };
    const pin = await assistPin(engine, requirePinAssistance(engine), blindedPin, issued);
    return { body: formatChallengeResponse({ ...answer, pin }), headers: [] };
  } catch (refusal) {
    await withdraw();
    throw refusal;
  } finally {
    for (const work of afterwards) setImmediate(work);
  }
}
