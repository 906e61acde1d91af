import type { OutstandingTry } from './pin-store.js';

/** The outstanding tries of a pin, as two texts. */
export interface OutstandingTexts {
  /**
   * Each try's question and a space. A question can be cut out by its text, because its text never spans two entries.
   */
  questions: string;
  /** Each answer's question, its challenge and a space. An answer counts for nothing once its try was given back. */
  answers: string;
}

const questionPattern = /([\w-]{43}) /gy;
const answerPattern = /([\w-]{43})([\w-]{22}) /gy;

/** A question in the form of {@link OutstandingTexts}. */
export function formatQuestion(questionHash: string): string {
  return `${questionHash} `;
}

export function formatOutstandingTries(tries: readonly OutstandingTry[]): OutstandingTexts {
  return {
    questions: tries.map(({ questionHash }) => formatQuestion(questionHash)).join(''),
    answers: tries
      .flatMap(({ questionHash, challengeHashes }) =>
        challengeHashes.map((hash) => `${questionHash}${hash} `),
      )
      .join(''),
  };
}

/** The tries in texts of {@link formatOutstandingTries}. @throws if they are damaged. */
export function parseOutstandingTries({ questions, answers }: OutstandingTexts): OutstandingTry[] {
  const asked = partsOf(questions, questionPattern).map(([, question]) => question as string);
  const answered = partsOf(answers, answerPattern);
  return asked.map((questionHash) => ({
    questionHash,
    challengeHashes: answered
      .filter(([, question]) => question === questionHash)
      .map(([, , challenge]) => challenge as string),
  }));
}

function partsOf(text: string, pattern: RegExp): RegExpExecArray[] {
  const parts = [...text.matchAll(pattern)];
  if (parts.map(([part]) => part).join('') !== text)
    throw new Error('the outstanding tries of a pin are damaged');
  return parts;
}
