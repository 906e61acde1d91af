import type { OutstandingTry } from './pin-store.js';

/** The outstanding tries of a pin, as two texts. */
export interface OutstandingTexts {
  /** For each try its question, and a space. One is taken out by its text: a part of no two others. */
  questions: string;
  /** For each answer its question and challenge, and a space. Those of tries that were given back since count for nothing. */
  answers: string;
}

const questionPattern = /([\w-]{43}) /gy;
const answerPattern = /([\w-]{43})([\w-]{22}) /gy;

/** A question as it stands in {@link OutstandingTexts}. */
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

/** The tries in the texts that {@link formatOutstandingTries} made. @throws where they are damaged. */
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
