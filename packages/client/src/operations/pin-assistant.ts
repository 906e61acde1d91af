import {
  type ChallengeResponse,
  type ChallengeSubject,
  constantTimeEqual,
  type PinAnswer,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { PinAssist } from '../storage/key-storage.js';
import type { Context } from './context.js';
import { requestChallenge } from './request-challenge.js';

/** Carries a blinded PIN to the server in the request for a challenge, and keeps that challenge for the proof. */
export interface PinAssistant {
  readonly assist: PinAssist;
  /** What the server answered; `null` while it was not asked. */
  readonly answered: { challenge: ChallengeResponse; pin: PinAnswer } | null;
  /** The challenge that came with the answer, or one asked for now. */
  challengeFor(credentialId: string): Promise<ChallengeResponse>;
}

/**
 * @param subject what the proof will be for; its credential is the one that the vault opens or makes, unless named.
 */
export function createPinAssistant(
  context: Context,
  subject: Omit<ChallengeSubject, 'credentialId'> & { credentialId?: string },
): PinAssistant {
  let answered: PinAssistant['answered'] = null;
  return {
    get answered() {
      return answered;
    },
    async assist({ credentialId, pinId, blinded }) {
      answered = null;
      const challenge = await requestChallenge(context, { credentialId, ...subject }, { id: pinId, blinded });
      const { pin } = challenge;
      if (pin === undefined || (pinId !== null && !constantTimeEqual(pin.id, pinId))) {
        throw new ZkpAuthError('INVALID_RESPONSE', 'The server did not evaluate the PIN.');
      }
      answered = { challenge, pin };
      context.report('unlocking');
      return { pinId: pin.id, evaluated: pin.evaluated };
    },
    async challengeFor(credentialId) {
      return answered?.challenge ?? requestChallenge(context, { credentialId, ...subject });
    },
  };
}
