import { type ChallengeSubject, constantTimeEqual, type PinAnswer, ZkpAuthError } from '@zkp-auth/core';
import type { PinAssist } from '../vault/key-storage.js';
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { type Context, keyName } from './context.js';
import { requestChallenge } from './request-challenge.js';
import { type AnsweredTry, returnsFor } from './try-returns.js';

/** Carries a blinded PIN to the server in the request for a challenge, and keeps that challenge for the proof. */
export interface PinAssistant {
  readonly assist: PinAssist;
  /** What the server answered; `null` while it was not asked. */
  readonly answered: { challenge: IssuedChallenge; pin: PinAnswer } | null;
  /** The tries that it has cost, in their order. */
  readonly tries: readonly AnsweredTry[];
  /** The challenge that came with the answer, or one asked for now. */
  challengeFor(credentialId: string): Promise<IssuedChallenge>;
}

/**
 * @param subject what the proof will be for; its credential is the one that the vault opens or makes, unless named.
 */
export function createPinAssistant(
  context: Context,
  subject: Omit<ChallengeSubject, 'credentialId'> & { credentialId?: string },
): PinAssistant {
  let answered: PinAssistant['answered'] = null;
  const tries: AnsweredTry[] = [];
  return {
    tries,
    get answered() {
      return answered;
    },
    async assist({ credentialId, pinId, blinded }) {
      answered = null;
      const returns = pinId ? await returnsFor(context, keyName(context, subject.userId), pinId) : undefined;
      const question = { id: pinId ?? undefined, blinded, returns };
      const challenge = await requestChallenge(context, { credentialId, ...subject, pin: question });
      const { pin } = challenge;
      if (pin === undefined || (pinId !== null && !constantTimeEqual(pin.id, pinId))) {
        throw new ZkpAuthError('INVALID_RESPONSE', 'The server did not evaluate the PIN.');
      }
      answered = { challenge, pin };
      if (pinId !== null) tries.push({ pinId, challenge });
      context.report('unlocking');
      return { pinId: pin.id, evaluated: pin.evaluated, challenge };
    },
    async challengeFor(credentialId) {
      return answered?.challenge ?? requestChallenge(context, { credentialId, ...subject });
    },
  };
}
