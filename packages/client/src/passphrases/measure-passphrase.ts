import { ZkpAuthError } from '@zkp-auth/core';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { loadDictionaries } from './dictionaries.js';

export interface PassphraseMeasure {
  /** Decimal logarithm of how many guesses it is estimated to take. */
  guessesLog10: number;
  /** What makes it weak, in a sentence. */
  warning: string | null;
}

/** The decimal logarithm of the guesses that a passphrase must withstand: there is no server to stop them. */
const leastGuessesLog10 = 16;

let meter: ZxcvbnFactory | undefined;

/** Everything between letters and digits; marks belong to the letter before them. */
const separators = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * How hard a passphrase is to guess for somebody who knows what people choose. What separates words or letters adds
 * nothing: the meter would count it as if it had been drawn, and would not see the words or the row that it divides.
 *
 * @throws `NETWORK_ERROR` if a list of words cannot be fetched.
 */
export async function measurePassphrase(passphrase: string, context: string[]): Promise<PassphraseMeasure> {
  const zxcvbn = (meter ??= new ZxcvbnFactory(await loadDictionaries()));
  const spelled = [passphrase, passphrase.replaceAll(/\s+/gu, ''), passphrase.replaceAll(separators, '')];
  const measured = spelled.map((text) => zxcvbn.check(text, context));
  const { guessesLog10, feedback } = measured.reduce((least, next) =>
    next.guessesLog10 < least.guessesLog10 ? next : least,
  );
  return { guessesLog10, warning: feedback.warning ?? null };
}

/** @throws `WEAK_PASSPHRASE`, saying what makes it weak, for one that would be guessed; `NETWORK_ERROR`. */
export async function refuseGuessable(passphrase: string, context: string[]): Promise<void> {
  const { guessesLog10, warning } = await measurePassphrase(passphrase, context);
  if (guessesLog10 >= leastGuessesLog10) return;
  const advice = 'Use seven words or more that have nothing to do with each other, or have one generated.';
  throw new ZkpAuthError('WEAK_PASSPHRASE', warning === null ? advice : `${warning} ${advice}`);
}
