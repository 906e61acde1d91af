import type { OutstandingTry } from './pin-store.js';

const tryPattern = /([\w-]{43})([\w-]{22}) /gy;

/** A try as text: 65 characters of base64url and a space, so that one text is never part of two others. */
export function formatOutstandingTry({ questionHash, challengeHash }: OutstandingTry): string {
  return `${questionHash}${challengeHash} `;
}

/** The tries in a text that {@link formatOutstandingTry} made the parts of. @throws where it is damaged. */
export function parseOutstandingTries(text: string): OutstandingTry[] {
  const tries = Array.from(text.matchAll(tryPattern), ([, questionHash, challengeHash]) => ({
    questionHash: questionHash as string,
    challengeHash: challengeHash as string,
  }));
  if (tries.map(formatOutstandingTry).join('') !== text)
    throw new Error('the outstanding tries of a pin are damaged');
  return tries;
}
