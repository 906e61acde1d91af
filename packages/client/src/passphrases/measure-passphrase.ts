import { type WeakPassphraseReason, ZkpAuthError } from '@zkp-auth/core';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

export interface PassphraseMeasure {
  /** Decimal logarithm of how many guesses it is estimated to take. */
  guessesLog10: number;
  /** What makes it weak, in a sentence. */
  warning: string | null;
}

/** The decimal logarithm of the guesses that a passphrase must withstand: there is no server to stop them. */
const leastGuessesLog10 = 16;

type Warning = keyof typeof english.translations.warnings;

/** What the warnings of the meter say. */
const reasons: Readonly<Record<Warning, WeakPassphraseReason>> = {
  straightRow: 'sequence',
  keyPattern: 'sequence',
  simpleRepeat: 'repeated',
  extendedRepeat: 'repeated',
  sequences: 'sequence',
  recentYears: 'date',
  dates: 'date',
  topTen: 'common',
  topHundred: 'common',
  common: 'common',
  similarToCommon: 'common',
  wordByItself: 'word',
  namesByThemselves: 'name',
  commonNames: 'name',
  userInputs: 'personal',
  pwned: 'common',
};

let meter: ZxcvbnFactory | undefined;

/** Everything between letters and digits; marks belong to the letter before them. */
const separators = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * How hard a passphrase is to guess for somebody who knows what people choose. What separates words or letters adds
 * nothing: the meter would count it as if it had been drawn, and would not see the words or the row that it divides.
 */
export function measurePassphrase(passphrase: string, context: string[]): PassphraseMeasure {
  meter ??= new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
  const spelled = [passphrase, passphrase.replaceAll(/\s+/gu, ''), passphrase.replaceAll(separators, '')];
  const measured = spelled.map((text) => (meter as ZxcvbnFactory).check(text, context));
  const { guessesLog10, feedback } = measured.reduce((least, next) =>
    next.guessesLog10 < least.guessesLog10 ? next : least,
  );
  return { guessesLog10, warning: feedback.warning ?? null };
}

/** @throws `WEAK_PASSPHRASE`, saying what makes it weak, for one that would be guessed. */
export function refuseGuessable(passphrase: string, context: string[]): void {
  const { guessesLog10, warning } = measurePassphrase(passphrase, context);
  if (guessesLog10 >= leastGuessesLog10) return;
  const reason = warning === null ? 'guessable' : reasonOf(warning);
  const advice = 'Use seven words or more that have nothing to do with each other, or have one generated.';
  throw new ZkpAuthError('WEAK_PASSPHRASE', warning === null ? advice : `${warning} ${advice}`, {
    reason,
  });
}

function reasonOf(warning: string): WeakPassphraseReason {
  const found = Object.entries(english.translations.warnings).find(([, sentence]) => sentence === warning);
  return reasons[found?.[0] as Warning] ?? 'guessable';
}
