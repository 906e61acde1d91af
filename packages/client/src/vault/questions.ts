// The questions of the vault to the server: their answers, and the ones that got none.

import { constantTimeEqual, ZkpAuthError } from '@zkp-auth/core';
import { type BlindedPin, blindPin } from './blind-pin.js';
import type { IssuedChallenge, SlotSecret } from './key-storage.js';
import { challengeOf } from './permits.js';

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

/** The longest time that a question is kept, because it keeps the PIN's bytes in memory. */
const keptForMs = 10 * 60_000;
/** How many questions are kept. It is as many as the PINs that an unsure person enters in a row. */
const maxKept = 4;

interface Kept {
  pinId: Uint8Array;
  entered: BlindedPin;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * Blinded PINs whose answer was lost on its way. The server has counted a try for each of them, and answers the same
 * question again for that try. If the person enters the same PIN again, it is blinded in the same way. So a broken
 * connection costs one try, however often it breaks. They stay in memory, because a blinding on disk beside the
 * question would reveal the PIN.
 */
export class UnansweredQuestions {
  /** Oldest first. */
  readonly #kept = new Set<Kept>();

  /** The kept blinding of the PIN for this pinId, or a new one. The caller keeps it again, or disposes of it. */
  async take(pinId: Uint8Array, pin: string): Promise<BlindedPin> {
    const kept = [...this.#kept].find(
      (each) => constantTimeEqual(each.pinId, pinId) && each.entered.isOf(pin),
    );
    if (kept === undefined) return blindPin(pin);
    clearTimeout(kept.timer);
    this.#kept.delete(kept);
    return kept.entered;
  }

  /** Keep a question without an answer. */
  keep(pinId: Uint8Array, entered: BlindedPin): void {
    const timer = setTimeout(() => this.#drop(kept), keptForMs);
    // In Node.js, the timer keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    const kept = { pinId, entered, timer };
    this.#kept.add(kept);
    const [oldest] = this.#kept;
    if (this.#kept.size > maxKept) this.#drop(oldest as Kept);
  }

  /** Forget all questions. */
  clear(): void {
    for (const kept of this.#kept) this.#drop(kept);
  }

  #drop(kept: Kept): void {
    clearTimeout(kept.timer);
    kept.entered.dispose();
    this.#kept.delete(kept);
  }
}
