import { ZkpAuthError } from '@zkp-auth/core';
import type { IssuedChallenge, SlotSecret } from './key-storage.js';
import { challengeOf } from './proof-fields.js';

/** The server's answer with which a slot was opened or sealed. */
export interface HeardAnswer {
  pinId: Uint8Array;
  challenge: IssuedChallenge;
}

/** The secret, and a list to which each answer of its assistance is added. */
export function hearAnswers(secret: SlotSecret): { secret: SlotSecret; answers: HeardAnswer[] } {
  const answers: HeardAnswer[] = [];
  if (secret.kind !== 'pin' || secret.assist === null) return { secret, answers };
  const { pin, assist } = secret;
  return {
    secret: {
      kind: 'pin',
      pin,
      assist: async (question) => {
        const answer = await assist(question);
        const challenge = challengeOf(answer.challenge);
        if (challenge === null) throw new ZkpAuthError('INVALID_RESPONSE');
        answers.push({ pinId: answer.pinId, challenge });
        return answer;
      },
    },
    answers,
  };
}
